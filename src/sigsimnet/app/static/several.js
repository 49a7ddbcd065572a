"use strict";
/* Several recordings, each compared with each: a table whose cells lead to the two. */
(function () {
  const box = document.getElementById("several"), wait = document.getElementById("several-wait"), place = box.querySelector(".scroll");
  const files = JSON.parse(document.getElementById("several-files").textContent);
  const number = (text) => (text === "" ? null : Number(text));
  const short = (one) => one.path.split("/").pop() + (one.start || one.stop ? ` (${one.start || 0} to ${one.stop || "end"} s)` : "");
  const cell = (row, name, text) => { const one = document.createElement(name); one.textContent = text; row.append(one); return one; };
  function address(a, b) {
    const asked = new URLSearchParams();
    for (const [side, one] of [["a", a], ["b", b]]) {
      asked.set(side, one.path);
      if (one.start) { asked.set(`${side}_start`, one.start); }
      if (one.stop) { asked.set(`${side}_stop`, one.stop); }
    }
    if (box.dataset.model) { asked.set("model", box.dataset.model); }
    return `/compare?${asked}`;
  }
  function draw(pairs) {
    const table = document.createElement("table"), head = table.createTHead().insertRow(), scores = pairs.map((one) => one.score).filter((one) => one !== null);
    const low = Math.min(...scores), high = Math.max(...scores);
    cell(head, "td", "");
    for (const one of files) { const name = cell(head, "th", short(one)); name.scope = "col"; name.title = one.path; }
    files.forEach((one, i) => {
      const row = table.insertRow(), name = cell(row, "th", short(one)); name.scope = "row"; name.title = one.path;
      files.forEach((other, j) => {
        const found = pairs.find((pair) => (pair.a === i && pair.b === j) || (pair.a === j && pair.b === i)), here = cell(row, "td", found ? "" : "–");
        if (!found) { return; }
        const link = document.createElement("a");
        link.href = address(files[found.a], files[found.b]); link.title = found.reason;
        link.textContent = `${found.score === null ? "" : `${found.score.toFixed(3)} `}${found.verdict}`;
        const share = found.score === null || high <= low ? 0 : Math.round(4 * (found.score - low) / (high - low));
        here.className = `alike-${share}`; here.append(link);
      });
    });
    place.append(table);
    for (const one of box.querySelectorAll("[hidden]")) { one.hidden = false; }
    wait.hidden = true; box.dataset.drawn = "1";
  }
  const asked = { files: files.map((one) => ({ path: one.path, start: number(one.start), stop: number(one.stop) })) };
  if (box.dataset.model) { asked.model = box.dataset.model; }
  fetch("/api/v1/compare-all", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(asked) }).then(async (answer) => {
    const told = await answer.json();
    if (!answer.ok) { wait.className = "sorry"; wait.textContent = told.detail; return; }
    draw(told.answer.pairs);
  }).catch(() => { wait.className = "sorry"; wait.textContent = "The service does not answer."; });
})();
