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
      more.append(line("summary", "What it says"), line("pre", job.log.join("\n") || "nothing yet", "log"));
      box.append(head, tools, more); list.append(box);
    }
    const running = jobs.some((job) => job.state === "runs" || job.state === "waits");
    clearTimeout(draw.timer); draw.timer = setTimeout(draw, running ? 1000 : 5000);
  }
  draw();
})();
