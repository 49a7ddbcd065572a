"use strict";
/* A recording to move about in: pan, zoom, keyboard, beats, quality, annotations, ECG paper, two cursors, a stretch. */
(function () {
  const box = document.getElementById("plots");
  if (!box) { return; }
  const about = JSON.parse(document.getElementById("about").textContent);
  const path = box.dataset.path, said = document.getElementById("said"), range = document.getElementById("range");
  const tools = document.getElementById("stretch"), menu = document.getElementById("channels");
  const params = new URLSearchParams(location.search), duration = about.duration, MISSING = -32768;
  const PAPER = 20;  // s that ECG paper is drawn for, and lines through samples rather than bars
  const names = about.channels.map((one) => one.name);
  let start = Number(params.get("start") || 0), stop = Number(params.get("stop") || Math.min(duration, 10));
  const odd = start < 0 || stop > duration + 0.001 || !(stop > start) || start >= duration ? `The address asks for ${start} to ${stop} s; the recording has ${duration.toFixed(1)} s` : "";
  if (!(stop > start) || start >= duration) { start = 0; stop = Math.min(duration, 10); }
  let chosen = (params.get("channels") || "").split(",").filter((one) => one !== "").map(Number).filter((k) => k < names.length);
  if (!chosen.length) { chosen = names.map((_, k) => k).slice(0, 12); }
  let ranged = false;  // least and greatest of steps, instead of samples
  const line = uPlot.paths.linear();
  let marks = null, plots = [], points = [null, null], stretch = null, asked = 0;
  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function clock(t) {
    const sign = t < 0 ? "−" : "", s = Math.abs(t), h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60;
    const digits = stop - start < 5 ? 3 : stop - start < 120 ? 1 : 0, rest = (s % 60).toFixed(digits);
    const width = digits ? digits + 3 : 2;
    const of = duration >= 3600 ? `${h}:${String(m).padStart(2, "0")}` : `${m}`;
    return `${sign}${of}:${rest.padStart(width, "0")}`;
  }
  function size() { return { width: box.clientWidth, height: Math.min(420, Math.max(chosen.length > 3 ? 96 : chosen.length > 1 ? 150 : 300, Math.floor((innerHeight - 320) / chosen.length))) }; }

  function unpack(buffer) {
    const length = new DataView(buffer).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
    const numbers = new Int16Array(buffer, 4 + length), sides = header.kind === "range" ? 2 : 1, n = header.n * sides;
    const time = new Float64Array(n);
    for (let k = 0; k < n; k += 1) { time[k] = header.start + header.step * (sides === 2 ? Math.floor(k / 2) + 0.25 + 0.5 * (k % 2) : k); }
    const rows = header.channels.map((one, row) => {
      const found = new Array(n);
      for (let k = 0; k < n; k += 1) { const v = numbers[row * n + k]; found[k] = v === MISSING ? null : v * one.scale + one.middle; }
      return found;
    });
    return { time, rows, channels: header.channels, ranged: sides === 2 };
  }

  function paper(u) {
    const seconds = u.scales.x.max - u.scales.x.min, unit = about.channels[u.channel].unit;
    if (seconds > PAPER || unit !== "mV") { return; }
    const ctx = u.ctx, { left, top, width, height } = u.bbox;
    ctx.save(); ctx.beginPath(); ctx.rect(left, top, width, height); ctx.clip();
    for (const [dt, dv, colour] of [[0.04, 0.1, style("--grid")], [0.2, 0.5, style("--grid2")]]) {
      if (u.valToPos(dt, "x", true) - u.valToPos(0, "x", true) < 5 * devicePixelRatio) { continue; }
      ctx.fillStyle = colour;
      for (let t = Math.ceil(u.scales.x.min / dt) * dt; t <= u.scales.x.max; t += dt) { ctx.fillRect(Math.round(u.valToPos(t, "x", true)), top, 1, height); }
      if (u.scales.y.max - u.scales.y.min < 40 * dv * 5) {
        for (let v = Math.ceil(u.scales.y.min / dv) * dv; v <= u.scales.y.max; v += dv) { ctx.fillRect(left, Math.round(u.valToPos(v, "y", true)), width, 1); }
      }
    }
    ctx.restore();
  }
  /* Least to greatest of each step as an upright bar that reaches the one before: cheaper than a line of as many points. */
  function bars(u) {
    if (!ranged) { return; }
    const ctx = u.ctx, { left, top, width, height } = u.bbox, [time, values] = u.data, { min, max } = u.scales.x, y = u.scales.y;
    const perX = width / (max - min), perY = height / (y.max - y.min), bottom = top + height;
    const wide = Math.max(1, Math.ceil((time.length > 2 ? time[2] - time[0] : 0) * perX));
    let before = null;
    ctx.save(); ctx.beginPath(); ctx.rect(left, top, width, height); ctx.clip(); ctx.fillStyle = style("--trace");
    for (let k = 0; k + 1 < time.length; k += 2) {
      if (values[k] === null || values[k + 1] === null) { before = null; continue; }
      let low = values[k], high = values[k + 1];
      if (before !== null) { low = Math.min(low, before[1]); high = Math.max(high, before[0]); }
      before = [values[k], values[k + 1]];
      const from = bottom - (high - y.min) * perY, to = bottom - (low - y.min) * perY;
      ctx.fillRect(Math.floor(left + (time[k] - min) * perX), Math.round(from), wide, Math.max(1, Math.round(to - from)));
    }
    ctx.restore();
  }
  function bands(u) {
    const ctx = u.ctx, { left, top, width, height } = u.bbox, at = (t) => u.valToPos(t, "x", true);
    ctx.save(); ctx.beginPath(); ctx.rect(left, top, width, height); ctx.clip();
    if (marks) {
      ctx.fillStyle = style("--bad");
      for (const [from, to] of marks.bad[names[u.channel]] || []) { if (to > start && from < stop) { ctx.fillRect(at(from), top, Math.max(at(to) - at(from), 1), height); } }
    }
    if (stretch) { ctx.fillStyle = style("--blue"); ctx.globalAlpha = 0.15; ctx.fillRect(at(stretch[0]), top, at(stretch[1]) - at(stretch[0]), height); ctx.globalAlpha = 1; }
    ctx.restore();
  }
  function beats(u) {
    const ctx = u.ctx, { left, top, width, height } = u.bbox, at = (t) => u.valToPos(t, "x", true);
    ctx.save(); ctx.beginPath(); ctx.rect(left, top, width, height); ctx.clip();
    if (marks && stop - start < 120) {
      ctx.fillStyle = style("--blue");
      for (const t of marks.beats) { if (t >= start && t <= stop) { const x = at(t); ctx.beginPath(); ctx.moveTo(x - 4, top); ctx.lineTo(x + 4, top); ctx.lineTo(x, top + 7); ctx.fill(); } }
      if (u.first) {
        ctx.fillStyle = style("--soft"); ctx.font = `${12 * devicePixelRatio}px system-ui`;
        for (const one of marks.annotations) { if (one.time >= start && one.time <= stop && one.label) { ctx.fillText(one.label.slice(0, 16), at(one.time) + 3, top + 20 * devicePixelRatio); } }
      }
    }
    points.forEach((t, k) => {
      if (t === null) { return; }
      ctx.strokeStyle = style(k ? "--orange" : "--blue"); ctx.lineWidth = 2; ctx.setLineDash(k ? [6, 4] : []);
      ctx.beginPath(); ctx.moveTo(at(t), top); ctx.lineTo(at(t), top + height); ctx.stroke(); ctx.setLineDash([]);
    });
    ctx.restore();
  }
  function valueAt(u, t) {
    const x = u.data[0], y = u.data[1]; let k = 0, j = x.length - 1;
    while (k < j) { const m = (k + j) >> 1; if (x[m] < t) { k = m + 1; } else { j = m; } }
    return y[k];
  }
  function tell() {
    const bits = [];
    points.forEach((t, k) => { if (t !== null) { bits.push(`${k ? "second" : "first"} cursor ${clock(t)}`); } });
    if (points[0] !== null && points[1] !== null) {
      const dt = points[1] - points[0];
      bits.push(`${(1000 * dt).toFixed(0)} ms${Math.abs(dt) > 0.2 ? ` (${(60 / Math.abs(dt)).toFixed(0)}/min)` : ""}`);
      const u = plots[0];
      if (u) { const a = valueAt(u, points[0]), b = valueAt(u, points[1]); if (a !== null && b !== null) { bits.push(`${(b - a).toPrecision(3)} ${about.channels[u.channel].unit || ""} in ${names[u.channel]}`); } }
    }
    said.textContent = bits.join(" · ") || "Click sets the first cursor, Shift and click the second; drag marks a stretch.";
  }
  function make(data) {
    for (const u of plots) { u.destroy(); }
    box.textContent = ""; plots = [];
    const sync = uPlot.sync("look");
    chosen.forEach((channel, row) => {
      const holder = document.createElement("div"); holder.className = "plot"; box.append(holder);
      const last = row === chosen.length - 1, one = about.channels[channel];
      const axis = { stroke: style("--ink"), grid: { show: false }, ticks: { stroke: style("--line") }, font: "12px system-ui" };
      const u = new uPlot({
        ...size(), height: size().height + (last ? 30 : 0), padding: [8, 20, 0, 0], legend: { show: false },
        scales: { x: { time: false, range: () => [start, stop] } },
        cursor: { sync: { key: sync.key, setSeries: false }, drag: { x: true, y: false, setScale: false }, points: { show: false } },
        axes: [{ ...axis, show: last, values: (_, ticks) => ticks.map(clock), size: 30, space: 90 },
          { ...axis, size: 62, label: one.unit ? `${one.name} (${one.unit})` : one.name, labelSize: 18, labelFont: "12px system-ui" }],
        series: [{}, { stroke: style("--trace"), width: 1.1, points: { show: false }, spanGaps: false, paths: (...asked) => (ranged ? null : line(...asked)) }],
        hooks: {
          drawClear: [(v) => { paper(v); bands(v); }], draw: [bars, beats],
          setSelect: [(v) => {
            if (v.select.width < 3) { return; }
            stretch = [v.posToVal(v.select.left, "x"), v.posToVal(v.select.left + v.select.width, "x")];
            v.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false); marked();
          }],
        },
      }, [data.time, data.rows[row]], holder);
      u.channel = channel; u.first = row === 0;
      u.over.addEventListener("click", (event) => {
        if (stretch && event.detail === 0) { return; }
        const t = u.posToVal(event.clientX - u.over.getBoundingClientRect().left, "x");
        if (Math.abs(event.clientX - (u.downAt || event.clientX)) > 3) { return; }
        points[event.shiftKey ? 1 : 0] = t; redraw(); tell();
      });
      u.over.addEventListener("mousedown", (event) => { u.downAt = event.clientX; });
      plots.push(u);
    });
    tell();
  }
  function redraw() { for (const u of plots) { u.redraw(false, false); } }
  function marked() {
    tools.hidden = !stretch;
    if (stretch) {
      const from = stretch[0].toFixed(3), to = stretch[1].toFixed(3), name = encodeURIComponent(path);
      document.getElementById("stretch-said").textContent = `${clock(stretch[0])} to ${clock(stretch[1])} (${(stretch[1] - stretch[0]).toFixed(2)} s)`;
      document.getElementById("to-search").href = `/search?path=${name}&start=${from}&stop=${to}&level=stretch`;
      document.getElementById("to-compare").href = `/compare?a=${name}&a_start=${from}&a_stop=${to}`;
    }
    redraw();
  }
  function address(push) {
    params.set("path", path); params.set("start", start.toFixed(3)); params.set("stop", stop.toFixed(3));
    params.set("channels", chosen.join(",")); const now = `?${params}`;
    history[push && now !== location.search ? "pushState" : "replaceState"](null, "", now);
  }
  async function draw(push) {
    const width = Math.min(Math.max(stop - start, 4 / about.sampling_rate), duration);
    start = Math.min(Math.max(0, start), Math.max(0, duration - width)); stop = Math.min(duration, start + width);
    range.textContent = `${clock(start)} to ${clock(stop)} of ${clock(duration)}`;
    const mine = asked += 1, query = new URLSearchParams({ path, start, stop, points: stop - start <= PAPER ? Math.min(4000, Math.max(300, Math.floor(48000 / chosen.length))) : Math.min(2000, Math.max(300, box.clientWidth)) });
    for (const k of chosen) { query.append("channels", k); }
    const answer = await fetch(`/api/v1/signal?${query}`);
    if (mine !== asked) { return; }
    if (!answer.ok) { said.textContent = (await answer.json()).detail; return; }
    const data = unpack(await answer.arrayBuffer());
    ranged = data.ranged && stop - start > PAPER;
    if (plots.length === chosen.length && plots.every((u, k) => u.channel === chosen[k])) { plots.forEach((u, k) => u.setData([data.time, data.rows[k]])); } else { make(data); }
    if (push !== undefined) { address(push); }
    box.dataset.drawn = String(Number(box.dataset.drawn || 0) + 1);
  }
  function move(share) { const by = share * (stop - start); start += by; stop += by; draw(false); }
  function zoom(factor, around) {
    const at = around === undefined ? (start + stop) / 2 : around;
    start = at - (at - start) * factor; stop = at + (stop - at) * factor; draw(true);
  }
  function go(from, to) { start = from; stop = to; draw(true); }
  const acts = { left: () => move(-0.5), right: () => move(0.5), in: () => zoom(0.5), out: () => zoom(2), all: () => go(0, duration), ten: () => go(start, start + 10), begin: () => go(0, stop - start), end: () => go(duration - (stop - start), duration),
    stretch: () => { if (stretch) { go(stretch[0], stretch[1]); stretch = null; marked(); } }, clear: () => { stretch = null; points = [null, null]; marked(); tell(); } };
  for (const one of document.querySelectorAll("[data-act]")) { one.addEventListener("click", () => acts[one.dataset.act]()); }
  const keys = { ArrowLeft: acts.left, ArrowRight: acts.right, "+": acts.in, "=": acts.in, "-": acts.out, 0: acts.all, Home: acts.begin, End: acts.end, Escape: acts.clear };
  document.addEventListener("keydown", (event) => {
    if (/INPUT|SELECT|TEXTAREA/.test(event.target.tagName) || event.ctrlKey || event.metaKey || event.altKey) { return; }
    if (keys[event.key]) { keys[event.key](); event.preventDefault(); }
  });
  box.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.shiftKey) { return; }
    event.preventDefault();
    if (event.shiftKey) { move(event.deltaY > 0 || event.deltaX > 0 ? 0.2 : -0.2); return; }
    const u = plots[0]; zoom(event.deltaY > 0 ? 1.25 : 0.8, u ? u.posToVal(event.clientX - u.over.getBoundingClientRect().left, "x") : undefined);
  }, { passive: false });
  function few() {
    const left = names.length - chosen.length;
    document.getElementById("few").textContent = left ? ` ${chosen.length} of ${names.length} are drawn; choose others under Channels.` : "";
  }
  if (odd) { const item = document.createElement("li"); item.textContent = odd; document.getElementById("notes").append(item); document.getElementById("notes").closest("details").open = true; }
  few();
  names.forEach((name, k) => {
    const label = document.createElement("label"), tick = document.createElement("input"); label.className = "tick";
    tick.type = "checkbox"; tick.checked = chosen.includes(k);
    tick.addEventListener("change", () => {
      chosen = names.map((_, i) => i).filter((i) => menu.querySelectorAll("input")[i].checked);
      if (!chosen.length) { chosen = [k]; tick.checked = true; }
      few(); draw(true);
    });
    label.append(tick, name); menu.append(label);
  });
  addEventListener("popstate", () => {
    const now = new URLSearchParams(location.search); start = Number(now.get("start") || 0); stop = Number(now.get("stop") || 10); draw();
  });
  let timer = 0;
  addEventListener("resize", () => { clearTimeout(timer); timer = setTimeout(() => { for (const u of plots) { u.destroy(); } plots = []; draw(); }, 150); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { for (const u of plots) { u.destroy(); } plots = []; draw(); });
  draw(false);
  const waiting = document.getElementById("marks-said");
  fetch(`/api/v1/marks?${new URLSearchParams({ path })}`).then(async (answer) => {
    const told = await answer.json();
    if (!answer.ok) { waiting.className = "sorry"; waiting.textContent = told.detail; return; }
    marks = told; redraw(); waiting.className = "soft";
    const bad = Object.values(told.bad).reduce((sum, rows) => sum + rows.reduce((s, [from, to]) => s + to - from, 0), 0);
    const judged = Object.keys(told.bad);
    const share = 100 * bad / Math.max(duration * Math.max(Object.keys(told.bad).length, 1), 1e-9);
    waiting.textContent = `${told.beats.length.toLocaleString("en")} beats${told.channel ? ` found in ${told.channel}` : ""}; ${share.toFixed(1)} % of the seconds ${judged.length && judged.length < names.length ? `of ${judged.join(", ")} ` : ""}are of low quality (orange); ${told.annotations.length.toLocaleString("en")} annotations`;
    const notes = document.getElementById("notes");
    for (const note of told.notes) { const item = document.createElement("li"); item.textContent = note; notes.append(item); }
  });
})();
