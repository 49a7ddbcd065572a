"use strict";
/* The matrix of a comparison: a cell shows both places. */
(function () {
  const box = document.getElementById("matrix"), canvas = box.querySelector("canvas"), said = document.getElementById("matrix-said");
  const pair = document.getElementById("pair"), number = (text) => (text === "" ? null : Number(text));
  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const part = (side) => ({ path: box.dataset[side], start: number(box.dataset[`${side}Start`]), stop: number(box.dataset[`${side}Stop`]) });
  let data = null, cell = [0, 0], size = 12, plots = [], asked = 0;
  function paint() {
    const ctx = canvas.getContext("2d"), scores = data.scores, flat = scores.flat().filter((one) => one !== null);
    const low = Math.min(...flat), high = Math.max(...flat);
    ctx.clearRect(0, 0, canvas.width, canvas.height);
    scores.forEach((row, i) => row.forEach((score, j) => {
      if (score === null) { return; }
      ctx.globalAlpha = 0.08 + 0.92 * (high > low ? (score - low) / (high - low) : 1);
      ctx.fillStyle = style("--blue"); ctx.fillRect(i * size, j * size, size - 1, size - 1);
    }));
    ctx.globalAlpha = 1; ctx.strokeStyle = style("--orange"); ctx.lineWidth = 3;
    ctx.strokeRect(cell[0] * size, cell[1] * size, size - 1, size - 1);
  }
  async function choose(i, j) {
    cell = [Math.min(Math.max(i, 0), data.a.length - 1), Math.min(Math.max(j, 0), data.b.length - 1)]; paint();
    const score = data.scores[cell[0]][cell[1]], places = [["a", data.a[cell[0]]], ["b", data.b[cell[1]]]];
    const words = places.map(([, [from, to]]) => `${from.toFixed(1)} to ${to.toFixed(1)} s`);
    said.textContent = `first ${words[0]}, second ${words[1]}: ${score === null ? "nothing to compare" : `score ${score.toFixed(3)}`}`;
    const mine = asked += 1, shown = [];
    for (const [side, [from, to]] of places) {
      const path = box.dataset[side];
      document.getElementById(`look-${side}`).href = `/look?${new URLSearchParams({ path, start: from, stop: to })}`;
      const answer = await fetch(`/api/v1/signal?${new URLSearchParams({ path, start: from, stop: to, points: 4000, channels: 0, format: "json" })}`);
      if (!answer.ok) { said.textContent = (await answer.json()).detail; return; }
      shown.push([await answer.json(), side, from]);
    }
    if (mine !== asked) { return; }
    for (const u of plots) { u.destroy(); }
    pair.textContent = ""; plots = [];
    for (const [told, side] of shown) {
      const channel = told.header.channels[0], holder = document.createElement("div"); pair.append(holder);
      const axis = { stroke: style("--ink"), grid: { stroke: style("--line") }, ticks: { stroke: style("--line") } };
      const values = told.columns[channel.name] || told.columns[`${channel.name} greatest`];
      plots.push(new uPlot({ width: box.clientWidth, height: 170, legend: { show: false }, scales: { x: { time: false } },
        axes: [{ ...axis, label: "time (s)", labelSize: 18 }, { ...axis, size: 62, label: channel.unit ? `${channel.name} (${channel.unit})` : channel.name, labelSize: 18 }],
        series: [{}, { stroke: style(side === "a" ? "--blue" : "--orange"), width: 1.2, points: { show: false } }] }, [told.columns.time, values], holder));
    }
    box.dataset.drawn = "1";
  }
  canvas.addEventListener("click", (event) => {
    const at = canvas.getBoundingClientRect(); choose(Math.floor((event.clientX - at.left) / size), Math.floor((event.clientY - at.top) / size));
  });
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (step) { event.preventDefault(); choose(cell[0] + step[0], cell[1] + step[1]); }
  });
  const question = { a: part("a"), b: part("b") };
  for (const [name, value] of [["model", box.dataset.model], ["channel_a", box.dataset.channelA], ["channel_b", box.dataset.channelB]]) { if (value) { question[name] = value; } }
  fetch("/api/v1/compare", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(question) }).then(async (answer) => {
    if (!answer.ok) { return; }
    data = (await answer.json()).answer.stretches;
    if (!data) { return; }
    box.hidden = false; size = Math.max(6, Math.min(28, Math.floor(600 / Math.max(data.a.length, data.b.length))));
    canvas.width = data.a.length * size; canvas.height = data.b.length * size;
    const all = data.scores.flat().filter((one) => one !== null);
    if (all.length) { document.getElementById("matrix-range").textContent = ` (from ${Math.min(...all).toFixed(3)}, almost white, to ${Math.max(...all).toFixed(3)})`; }
    let best = [0, 0], most = -Infinity;
    data.scores.forEach((row, i) => row.forEach((score, j) => { if (score !== null && score > most) { most = score; best = [i, j]; } }));
    choose(best[0], best[1]);
  });
})();
