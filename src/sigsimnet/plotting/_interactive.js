// Draws a recording that was decimated to lowest and highest sample of many columns; never more than what the screen
// can show is handed to Plotly, so that a day of twelve channels moves as lightly as a minute of one.
(function (id, data) {
  const COLUMNS = 1500; // of a panel
  const MARKS = 2000; // beats that are drawn at once
  const BARS = 400; // columns on the screen, below which each is a bar
  const box = document.getElementById(id);
  const decode = (text) => {
    const raw = atob(text), bytes = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
    return new Int16Array(bytes.buffer);
  };
  const channels = data.channels.map((c) => ({ ...c, low: decode(c.low), high: c.high ? decode(c.high) : null }));
  const MISSING = -32768;

  // Positions into the columns of a span that lie between two times.
  const within = (span, from, to) => [
    Math.max(0, Math.floor((from - span.time) / span.step) - 1),
    Math.min(span.n, Math.ceil((to - span.time) / span.step) + 2),
  ];

  function line(channel, from, to) {
    const x = [], y = [];
    let shown = 0;
    for (const span of data.spans) {
      const [a, b] = within(span, from, to);
      shown += Math.max(0, b - a);
    }
    const group = Math.max(1, Math.ceil(shown / COLUMNS));
    const value = (v) => (v === MISSING ? null : channel.middle + channel.scale * v);
    for (const span of data.spans) {
      const [a, b] = within(span, from, to);
      if (b <= a) continue;
      if (group === 1 && !channel.high) {
        for (let k = a; k < b; k++) {
          x.push(span.time + k * span.step);
          y.push(value(channel.low[span.first + k]));
        }
      } else {
        const high = channel.high || channel.low;
        for (let k = a; k < b; k += group) {
          let low = Infinity, top = -Infinity;
          for (let i = k; i < Math.min(k + group, b); i++) {
            const l = channel.low[span.first + i], h = high[span.first + i];
            if (l === MISSING) continue;
            if (l < low) low = l;
            if (h > top) top = h;
          }
          const none = low === Infinity, t = span.time + k * span.step, width = group * span.step;
          if (shown < BARS) {
            // So near that columns can be distinguished: a bar each, since nothing is known of what lies between.
            x.push(t + width / 2, t + width / 2, null);
            y.push(none ? null : value(low), none ? null : value(top), null);
            continue;
          }
          x.push(t + width / 4, t + (3 * width) / 4);
          y.push(none ? null : value(low), none ? null : value(top));
        }
      }
      x.push(null);
      y.push(null);
    }
    return { x, y };
  }

  const first = data.spans[0].time, end = data.spans[data.spans.length - 1];
  const last = end.time + end.n * end.step;
  const n = channels.length;
  const traces = [], layout = {
    height: Math.max(260, 110 * n + 90), margin: { l: 70, r: 12, t: 24, b: 40 }, showlegend: false,
    hovermode: "x", dragmode: "pan", shapes: data.shapes, annotations: [], paper_bgcolor: "white", plot_bgcolor: "white",
    xaxis: { range: data.open, title: { text: "time (s)" }, anchor: "y" + (n > 1 ? n : ""), gridcolor: "#e6e9ef" },
  };
  const gap = n > 1 ? Math.min(0.02, 0.2 / n) : 0;
  channels.forEach((c, k) => {
    const axis = k ? "y" + (k + 1) : "y";
    const top = 1 - k / n, bottom = 1 - (k + 1) / n + gap;
    layout[k ? "yaxis" + (k + 1) : "yaxis"] = {
      domain: [bottom, top], title: { text: c.label, font: { size: 11 } }, gridcolor: "#e6e9ef", zeroline: false, fixedrange: true,
    };
    traces.push({ type: "scatter", mode: "lines", name: c.name, yaxis: axis, line: { width: 1, color: "#0072B2" }, connectgaps: false });
  });
  const beats = data.beats;
  if (beats) {
    traces.push({
      type: "scatter", mode: "markers", name: "beats", yaxis: beats.row ? "y" + (beats.row + 1) : "y",
      marker: { color: "#D55E00", size: 6 }, hoverinfo: "x",
    });
  }

  function fill(from, to) {
    channels.forEach((c, k) => Object.assign(traces[k], line(c, from, to)));
    if (beats) {
      const inside = beats.times.map((t, k) => k).filter((k) => beats.times[k] >= from && beats.times[k] <= to);
      const few = inside.length <= MARKS ? inside : [];
      Object.assign(traces[n], { x: few.map((k) => beats.times[k]), y: few.map((k) => beats.heights[k]) });
    }
  }

  let waiting = null;
  fill(...data.open);
  Plotly.newPlot(box, traces, layout, { responsive: true, scrollZoom: true, displaylogo: false }).then(() => {
    box.on("plotly_relayout", (change) => {
      if (!Object.keys(change).some((key) => key.startsWith("xaxis"))) return;
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        const range = box.layout.xaxis.autorange ? [first, last] : box.layout.xaxis.range;
        fill(Number(range[0]), Number(range[1]));
        layout.xaxis = { ...layout.xaxis, range: [Number(range[0]), Number(range[1])], autorange: false };
        Plotly.react(box, traces, layout);
      }, 40);
    });
  });
  document.querySelectorAll(`[data-view="${id}"]`).forEach((button) =>
    button.addEventListener("click", () => {
      const seconds = Number(button.dataset.seconds);
      const middle = (box.layout.xaxis.range[0] + box.layout.xaxis.range[1]) / 2;
      const from = seconds ? Math.max(first, Math.min(middle - seconds / 2, last - seconds)) : first;
      Plotly.relayout(box, { "xaxis.range": [from, seconds ? Math.min(from + seconds, last) : last] });
    })
  );
});
