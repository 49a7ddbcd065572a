"use strict";
/* Long work: start, watch, stop, go on. */
(function () {
  const list = document.getElementById("jobs"), form = document.getElementById("start"), said = document.getElementById("start-said");
  const command = form.elements.namedItem("command");
  function fit() {
    for (const one of form.querySelectorAll("[data-for]")) { one.hidden = !one.dataset.for.split(" ").includes(command.value.replace(" ", "-")); }
  }
  command.addEventListener("change", fit); fit();
  async function send(url, body) {
    const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: body ? JSON.stringify(body) : undefined });
    const told = await answer.json();
    if (!answer.ok) { throw new Error(told.detail); }
    return told;
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const asked = {};
    for (const [name, value] of new FormData(form)) {
      const field = form.elements.namedItem(name);
      if (value !== "" && !(field.closest("[data-for]") || {}).hidden) { asked[name] = field.type === "number" ? Number(value) : value; }
    }
    try { await send("/api/v1/jobs", asked); said.textContent = ""; said.className = ""; } catch (error) { said.className = "sorry"; said.textContent = error.message; }
    draw();
  });
  function line(name, text, className) { const one = document.createElement(name); one.textContent = text; if (className) { one.className = className; } return one; }
  function button(text, url) {
    const one = line("button", text); one.type = "button";
    one.addEventListener("click", async () => { one.disabled = true; try { await send(url); } catch (error) { said.className = "sorry"; said.textContent = error.message; } draw(); });
    return one;
  }
  const SVG = "http://www.w3.org/2000/svg", WIDE = 600, HIGH = 130, LEFT = 8, TOP = 24;
  function drawn(name, attributes, text) {
    const one = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) { one.setAttribute(key, value); }
    if (text) { one.textContent = text; }
    return one;
  }
  /* Loss and held-out EER, each between its own least and greatest, by the epoch. */
  function curve(rows) {
    const last = rows[rows.length - 1], rated = rows.filter((one) => one.eer !== null), first = rows[0].epoch;
    const said = `loss ${last.loss.toFixed(3)}${last.eer === null ? "" : `, held-out EER ${last.eer.toFixed(1)} %`} after epoch ${last.epoch}`;
    const box = drawn("svg", { class: "curve", viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": said });
    box.append(drawn("path", { class: "frame", d: `M${LEFT} ${HIGH - 8}H${WIDE - LEFT}` }));
    const line = (points, name, value) => {
      const values = points.map(value), low = Math.min(...values), high = Math.max(...values);
      const x = (one) => LEFT + (WIDE - 2 * LEFT) * (one.epoch - first) / Math.max(last.epoch - first, 1);
      const y = (one) => HIGH - 14 - (HIGH - TOP - 24) * (high > low ? (value(one) - low) / (high - low) : 0.5);
      box.append(drawn("path", { class: name, d: points.map((one, k) => `${k ? "L" : "M"}${x(one).toFixed(1)} ${y(one).toFixed(1)}`).join("") }));
    };
    line(rows, "loss", (one) => one.loss);
    if (rated.length > 1) { line(rated, "eer", (one) => one.eer); }
    const range = (points, value, digits) => `${Math.min(...points.map(value)).toFixed(digits)} to ${Math.max(...points.map(value)).toFixed(digits)}`;
    const dashed = rated.length > 1 ? `; dashed: held-out EER, ${range(rated, (one) => one.eer, 1)} %` : "";
    box.append(drawn("text", { x: LEFT, y: 15 }, `Epochs ${first} to ${last.epoch}. Solid: loss, ${range(rows, (one) => one.loss, 3)}${dashed}`));
    return box;
  }
  let open = new Set();
  async function draw() {
    const answer = await fetch("/api/v1/jobs");
    if (!answer.ok) { return; }
    const jobs = await answer.json();
    list.textContent = "";
    if (!jobs.length) { list.append(line("p", "Nothing was started yet.", "soft")); }
    for (const job of jobs) {
      const box = document.createElement("section");
      const head = line("h2", job.line);
      const state = line("span", job.state, `state ${job.state}`);
      const bar = document.createElement("progress"); bar.max = 1;
      bar.setAttribute("aria-label", `progress of ${job.command}`);
      if (job.progress !== null) { bar.value = job.progress; }
      const tools = document.createElement("div"); tools.className = "tools"; tools.append(state);
      if (job.state === "runs") { tools.append(bar, button("Stop", `/api/v1/jobs/${job.id}/stop`)); }
      if (job.state === "waits") { tools.append(button("Do not start", `/api/v1/jobs/${job.id}/stop`)); }
      if (job.state === "stopped" || job.state === "failed") { tools.append(button("Go on", `/api/v1/jobs/${job.id}/go-on`)); }
      const more = document.createElement("details"); more.open = open.has(job.id) || job.state === "runs" || job.state === "failed";
      more.addEventListener("toggle", () => { if (more.open) { open.add(job.id); } else { open.delete(job.id); } });
      if (job.state === "done" && job.command === "train") {
        const made = job.arguments[job.arguments.indexOf("-o") + 1].replace("./", "");
        for (const [text, address] of [["compare with it", `/compare?${new URLSearchParams({ model: made })}`], ["evaluate it", `/work?${new URLSearchParams({ command: "evaluate", model: made })}`]]) { const link = line("a", text); link.href = address; tools.append(link); }
      }
      if (job.state === "done" && job.command === "audit") { const link = line("a", "findings"); link.href = `/audit?${new URLSearchParams({ table: job.arguments[job.arguments.indexOf("-o") + 1].replace("./", "") })}`; tools.append(link); }
      if (job.state === "done" && job.command === "index add") { const link = line("a", "search in it"); link.href = `/search?${new URLSearchParams({ index: job.arguments[job.arguments.indexOf("--index") + 1].replace("./", "") })}`; tools.append(link); }
      more.append(line("summary", "What it says"), line("pre", job.log.join("\n") || "nothing yet", "log"));
      box.append(head, tools); if (job.curve.length > 1) { box.append(curve(job.curve)); }
      box.append(more); list.append(box);
    }
    const running = jobs.some((job) => job.state === "runs" || job.state === "waits");
    clearTimeout(draw.timer); draw.timer = setTimeout(draw, running ? 1000 : 5000);
  }
  draw();
})();
