// Filters and sorts tables, and links records to themselves. Without it they are in IANA's order, and whole.
"use strict";
(() => {
  for (const row of document.querySelectorAll(".records tbody tr[id]")) {
    const self = document.createElement("a");
    self.className = "self";
    self.href = "#" + row.id;
    self.textContent = "#";
    self.setAttribute("aria-label", "Link to this record");
    row.cells[0].append(self);
  }
  const order = new Intl.Collator("en", { numeric: true }).compare;
  // A number in hexadecimal stands where its value does: 0x0A before 0x10, as IANA writes pairs of bytes, too.
  const key = (cell) => (cell?.firstChild?.nodeType === 3 ? cell.firstChild.data : cell?.textContent ?? "").replace(/0x([0-9a-f]{1,12})\b/gi, (_, hex) => parseInt(hex, 16));

  for (const table of document.querySelectorAll("main table.records, main table.list")) {
    const body = table.tBodies[0], rows = [...body.rows];
    if (rows.length < 2 || rows.some((row) => row.cells.length !== rows[0].cells.length)) continue;
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const to = { ascending: "descending", descending: null }[head.getAttribute("aria-sort")];
        for (const h of heads) h.removeAttribute("aria-sort");
        if (to === null) {
          body.append(...rows);
          return;
        }
        head.setAttribute("aria-sort", to ?? "ascending");
        const keys = new Map(rows.map((row) => [row, key(row.cells[column])]));
        const sign = to ? -1 : 1;
        body.append(...rows.toSorted((a, b) => (keys.get(a) === "") - (keys.get(b) === "") || sign * order(keys.get(a), keys.get(b))));
      });
    });

    const what = table.dataset.filter ?? (table.matches(".records") && "Filter the records");
    if (!what || rows.length < 8) continue;
    const form = document.createElement("p"), label = document.createElement("label"), input = document.createElement("input"), sum = document.createElement("output");
    form.className = "filter";
    label.htmlFor = input.id = "filter";
    label.textContent = what;
    input.type = "search";
    input.autocomplete = "off";
    input.spellcheck = false;
    form.append(label, input, sum);
    (table.closest(".wide") ?? table).before(form);
    let texts;
    const filter = () => {
      texts ??= rows.map((row) => row.textContent.toLowerCase());
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      rows.forEach((row, i) => {
        row.hidden = !words.every((word) => texts[i].includes(word));
        shown += !row.hidden;
        const details = row.querySelector("details");
        if (details) details.open = words.length > 0 && !row.hidden && !words.every((word) => row.cells[0].textContent.toLowerCase().includes(word));
      });
      sum.textContent = words.length ? `${shown.toLocaleString("en")} of ${rows.length.toLocaleString("en")}` : "";
    };
    const at = new URL(location.href);
    input.addEventListener("input", () => {
      filter();
      if (input.value) at.searchParams.set("filter", input.value);
      else at.searchParams.delete("filter");
      if (location.protocol !== "file:") history.replaceState(null, "", at);
    });
    input.value = at.searchParams.get("filter") ?? "";
    if (input.value) filter();
  }
})();
