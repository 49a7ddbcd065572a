"use strict";
/* What all pages share: uploads, recently opened, forms that ask a report. No text of a file becomes markup. */
(function () {
  const recent = document.getElementById("recent");
  const KEY = "sigsimnet-recent";
  function remembered() { try { return JSON.parse(localStorage.getItem(KEY) || "[]"); } catch { return []; } }
  const path = new URLSearchParams(location.search).get("path");
  if (location.pathname === "/look" && path && !path.startsWith("upload:")) {
    const others = remembered().filter((one) => one !== path);
    localStorage.setItem(KEY, JSON.stringify([path, ...others].slice(0, 8)));
  }
  if (recent) {
    for (const one of remembered()) {
      const item = document.createElement("li"), link = document.createElement("a");
      link.href = `/look?path=${encodeURIComponent(one)}`; link.textContent = one; item.append(link); recent.append(item);
    }
    recent.closest("section").hidden = !remembered().length;
  }

  const drop = document.getElementById("drop");
  if (drop) {
    const said = document.getElementById("upload-said"), pick = document.getElementById("pick");
    const upload = async (files) => {
      const id = Array.from(crypto.getRandomValues(new Uint8Array(8)), (b) => b.toString(16).padStart(2, "0")).join("");
      const found = [];
      for (const file of files) {
        said.className = "wait"; said.textContent = `${file.name} is being sent`;
        const answer = await fetch(`/api/v1/uploads/${id}/${encodeURIComponent(file.name)}`, { method: "PUT", body: file });
        const told = await answer.json();
        if (!answer.ok) { said.className = "sorry"; said.textContent = told.detail; return; }
        found.push(told.path);
      }
      const heads = found.filter((one) => /\.(hea|vhdr|set)$/i.test(one)), [a, b, ...more] = heads.length ? heads : found;
      if (b) {
        const asked = new URLSearchParams({ a, b });
        for (const one of more) { asked.append("more", one); }
        location.href = `/compare?${asked}`;
      } else if (a) { location.href = `/look?path=${encodeURIComponent(a)}`; }
    };
    for (const name of ["dragenter", "dragover"]) {
      drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
    }
    drop.addEventListener("dragleave", () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => { event.preventDefault(); drop.classList.remove("over"); upload(event.dataTransfer.files); });
    pick.addEventListener("change", () => upload(pick.files));
  }

  const frame = document.querySelector("iframe.report");
  if (frame) {
    const wait = document.getElementById("report-wait");
    frame.addEventListener("load", () => { if (wait) { wait.hidden = true; } });
  }

  for (const button of document.querySelectorAll("[data-decide]")) {
    button.addEventListener("click", async () => {
      const row = button.closest("tr");
      const asked = { table: row.dataset.table, row: Number(row.dataset.row), decision: button.dataset.decide };
      const answer = await fetch("/api/v1/audit/decisions", { method: "POST", headers: { "content-type": "application/json" },
        body: JSON.stringify(asked) });
      if (answer.ok) { row.querySelector(".decision").textContent = asked.decision; }
      else { row.querySelector(".decision").textContent = (await answer.json()).detail; }
    });
  }
})();
