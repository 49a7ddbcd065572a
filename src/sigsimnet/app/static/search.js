"use strict";
/* Hits that lead to their places: look at one, compare it with what was asked. */
(function () {
  const box = document.getElementById("hits"), given = new URLSearchParams(location.search), text = (name) => given.get(name) || "";
  const number = (name) => (text(name) === "" ? null : Number(text(name)));
  const cell = (row, value) => { const one = row.insertCell(); one.textContent = value; return one; };
  const link = (cellOf, words, page, asked) => {
    const one = document.createElement("a"); one.textContent = words; one.href = `${page}?${new URLSearchParams(asked)}`; cellOf.append(one, " ");
  };
  const asked = { level: text("level") || "recording", k: number("k") || 10 };
  if (text("path")) { asked.query = { path: text("path"), start: number("start"), stop: number("stop") }; } else { asked.person = text("person"); }
  for (const name of ["where", "exclude_same", "index"]) { if (text(name)) { asked[name] = text(name); } }
  fetch("/api/v1/search", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(asked) }).then(async (answer) => {
    if (!answer.ok) { return; }  // the answer below says why
    const hits = (await answer.json()).answer.hits.filter((one) => !one.path.includes(" + ") && !one.path.startsWith("/") && !one.path.includes("://"));
    if (!hits.length) { return; }
    const table = document.createElement("table"), head = table.createTHead().insertRow();
    for (const name of ["rank", "score", "person", "recording", "where", "what to do"]) { const one = document.createElement("th"); one.textContent = name; head.append(one); }
    for (const hit of hits) {
      const row = table.insertRow(), place = { path: hit.path, start: Math.max(hit.start, 0).toFixed(3), stop: hit.stop.toFixed(3) };
      cell(row, hit.rank).className = "n"; cell(row, hit.score.toFixed(3)).className = "n"; cell(row, hit.subject); cell(row, hit.path); cell(row, `${hit.start.toFixed(1)} to ${hit.stop.toFixed(1)} s`);
      const tools = cell(row, ""); link(tools, "look", "/look", place);
      if (text("path")) {
        const both = { a: text("path"), b: hit.path };
        if (text("start")) { both.a_start = text("start"); } if (text("stop")) { both.a_stop = text("stop"); }
        if (asked.level === "stretch") { both.b_start = place.start; both.b_stop = place.stop; }
        link(tools, "compare", "/compare", both);
      }
    }
    box.querySelector(".scroll").append(table); box.hidden = false;
  }).catch(() => {});
})();
