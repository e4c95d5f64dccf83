// The changes between two dates: from the lists of the years, each loaded when a date first needs it.
"use strict";
(() => {
  const form = document.getElementById("compare"), sum = document.getElementById("sum"), list = document.getElementById("list");
  if (!form) return;
  const root = document.body.dataset.root, page = location.protocol === "file:" ? "index.html" : "";
  const years = form.dataset.years.split(" ").map(Number).sort();
  const loaded = new Map(), loading = new Map();
  globalThis.ianasyncYear = (year, versions) => loaded.set(year, versions);
  const load = (year) => {
    if (!loading.has(year)) {
      loading.set(year, new Promise((resolve, reject) => {
        const tag = document.createElement("script");
        tag.src = `${root}compare/${year}.js`;
        tag.onload = resolve;
        tag.onerror = () => { loading.delete(year); reject(new Error()); };
        document.head.append(tag);
      }));
    }
    return loading.get(year);
  };
  const el = (name, text, attributes = {}) => {
    const e = document.createElement(name);
    e.textContent = text;
    for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
    return e;
  };
  const link = (text, to) => el("a", text, { href: root + to.replace(/\/($|#)/, `/${page}$1`) });

  // item is one version with the changes that were chosen. The name of a service, first in its sentence, is the link.
  const item = (version, changes) => {
    const li = el("li", ""), when = el("time", version.day), a = link("", `version/${version.id}/`), box = el("div", "");
    a.append(when);
    if (version.between) box.append(el("p", version.between, { class: "dim" }));
    if (version.returned) box.append(el("p", version.returned));
    for (const c of changes) {
      const p = el("p", "");
      p.append(el("span", c.kind, { class: "kind " + c.kind }), " ");
      if (c.to && c.name) p.append(link(c.name, c.to), c.text.slice(c.name.length));
      else if (c.to && c.ports) p.append(link(c.ports, c.to), ": " + c.text);
      else p.append(c.text);
      box.append(p);
    }
    li.append(a, box);
    return li;
  };

  const fields = ["from", "to", "kind", "with"];
  let asked = 0;
  const show = async () => {
    const [from, to, kind, text] = fields.map((f) => form.elements[f].value.trim());
    const query = new URLSearchParams(fields.filter((f) => form.elements[f].value).map((f) => [f, form.elements[f].value.trim()]));
    history.replaceState(null, "", "?" + query);
    const ask = ++asked, wanted = years.filter((y) => (!from || y >= Number(from.slice(0, 4))) && (!to || y <= Number(to.slice(0, 4))));
    sum.textContent = "Loading …";
    try {
      await Promise.all(wanted.map(load));
    } catch {
      if (ask === asked) sum.textContent = "The changes cannot be loaded; the pages of the years have them.";
      return;
    }
    if (ask !== asked) return;
    const word = text.toLowerCase(), counts = new Map(), items = [];
    const fits = (c) => (kind === "minor" || !c.minor) && (!kind || kind === "minor" || c.kind === kind) && (!word || c.text.toLowerCase().includes(word) || c.ports === word);
    for (const version of wanted.flatMap((y) => loaded.get(y) ?? []).reverse()) {
      if (from && version.day <= from || to && version.day > to) continue;
      const changes = version.changes.filter(fits);
      for (const c of changes) counts.set(c.kind, (counts.get(c.kind) ?? 0) + 1);
      if (changes.length || version.returned && !word) items.push(item(version, changes));
    }
    list.replaceChildren(...items);
    const days = (from ? ` after ${from}` : "") + (to ? ` up to ${to}` : "");
    sum.textContent = (items.length ? [...counts].sort((a, b) => b[1] - a[1]).map(([k, n]) => `${n} ${k}`).join(", ") : "Nothing") + days + ".";
  };
  const query = new URLSearchParams(location.search);
  for (const f of fields) if (query.has(f)) form.elements[f].value = query.get(f);
  if (!query.has("from") && !query.has("to")) {
    const year = new Date(form.dataset.last + "T00:00:00Z");
    year.setUTCFullYear(year.getUTCFullYear() - 1);
    const day = year.toISOString().slice(0, 10);
    form.elements.from.value = day < form.dataset.first ? form.dataset.first : day;
    form.elements.to.value = form.dataset.last;
  }
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", show);
  show();
})();
