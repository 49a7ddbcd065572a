"use strict";
/* Ten seconds before and after, over one another, to be moved through. */
(function () {
  const box = document.getElementById("both");
  if (!box) { return; }
  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const said = document.getElementById("both-said"), SECONDS = 10;
  let start = 0, plots = [];
  async function part(path) {
    const answer = await fetch(`/api/v1/signal?${new URLSearchParams({ path, start, stop: start + SECONDS, points: 4000, format: "json" })}`);
    const told = await answer.json();
    if (!answer.ok) { throw new Error(told.detail); }
    return told;
  }
  async function draw() {
    let before, after;
    try { [before, after] = await Promise.all([part(box.dataset.before), part(box.dataset.after)]); } catch (error) { said.textContent = error.message; return; }
    said.textContent = `${start} to ${start + SECONDS} s: before (orange) and after (blue)`;
    for (const u of plots) { u.destroy(); }
    box.textContent = ""; plots = [];
    before.header.channels.slice(0, 12).forEach((channel) => {
      const axis = { stroke: style("--ink"), grid: { stroke: style("--line") }, ticks: { stroke: style("--line") } };
      const line = (name) => ({ stroke: style(name), width: 1.2, points: { show: false }, spanGaps: false });
      const y = (told) => told.columns[channel.name] || told.columns[`${channel.name} greatest`] || told.columns.time.map(() => null);
      const data = uPlot.join([[before.columns.time, y(before)], [after.columns.time, y(after)]]);
      const holder = document.createElement("div"); box.append(holder);
      plots.push(new uPlot({ width: box.clientWidth, height: 170, legend: { show: false }, scales: { x: { time: false } },
        axes: [axis, { ...axis, size: 62, label: channel.unit ? `${channel.name} (${channel.unit})` : channel.name, labelSize: 18 }],
        series: [{}, line("--orange"), line("--blue")] }, data, holder));
    });
    box.dataset.drawn = "1";
  }
  for (const one of document.querySelectorAll("[data-step]")) {
    one.addEventListener("click", () => { start = Math.max(0, start + Number(one.dataset.step)); draw(); });
  }
  draw();
})();
