// The changes between two dates: from the lists of the years, each loaded when a date first needs it.
"use strict";
(() => {
  const form = document.getElementById("compare"), sum = document.getElementById("sum"), list = document.getElementById("list");
  if (!form) return;
  const root = document.body.dataset.root, page = location.protocol === "file:" ? "index.html" : "";
  const numbers = (text) => (text ?? "").split(" ").filter(Boolean).map(Number).sort();
  const years = numbers(form.dataset.years), othersYears = numbers(form.dataset.others);
  // The lists of a year, by the names of their files: versions, oldest first. The changes of other registries refer to these.
  const loaded = new Map(), loading = new Map(), titles = new Map();
  globalThis.ianasyncYear = (year, versions) => loaded.set(String(year), versions);
  globalThis.ianasyncRegistriesYear = (year, list) => {
    const registries = list.registries.map(([id, title, to]) => ({ id, title, to, lower: title.toLowerCase() }));
    for (const r of registries) titles.set(r.id, r.title);
    for (const v of list.versions) {
      v.day = v.id.replace(/^(....)(..)(..).*/, "$1-$2-$3");
      v.to = `week/${v.week}/#${v.part ?? `${v.group}-${v.id}`}`;
      v.changes = v.changes.map(([kind, of, name, rest, anchor, minor]) => ({ kind: list.kinds[kind], registry: registries[of], name, text: name + rest, anchor, minor }));
    }
    loaded.set("registries-" + year, list.versions);
  };
  const load = (file) => {
    if (!loading.has(file)) {
      loading.set(file, new Promise((resolve, reject) => {
        const tag = document.createElement("script");
        tag.src = root + file;
        tag.onload = resolve;
        tag.onerror = () => { loading.delete(file); reject(new Error()); };
        document.head.append(tag);
      }));
    }
    return loading.get(file);
  };
  const el = (name, text, attributes = {}) => {
    const e = document.createElement(name);
    e.textContent = text;
    for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
    return e;
  };
  const link = (text, to) => el("a", text, { href: root + to.replace(/\/($|#)/, `/${page}$1`) });

  // What happened alike to several records of a registry is one line, as on all other pages: the records come after it.
  const together = (changes) => {
    const lines = [], at = new Map();
    for (const c of changes) {
      const cut = c.registry && ["published", "updated", "deprecated"].includes(c.kind) ? c.text.indexOf(": ", c.name.length) : -1;
      const what = cut < 0 ? "" : c.text.slice(cut + 2), of = `${c.kind} ${c.registry?.id} ${what}`;
      const line = what && at.get(of) || { what, records: [] };
      if (!line.records.length) lines.push(line);
      if (what) at.set(of, line);
      line.records.push({ c, rest: c.text.slice(c.name?.length ?? 0, cut < 0 ? undefined : cut) });
    }
    return lines;
  };

  // item is one version with the changes that were chosen. The name of a service, first in its sentence, is the link.
  const item = (version, changes, group) => {
    const li = el("li", ""), when = el("time", version.day), a = link("", version.to ?? `version/${version.id}/`), box = el("div", "");
    a.append(when);
    if (group) box.append(el("p", group, { class: "dim" }));
    if (version.between) box.append(el("p", version.between, { class: "dim" }));
    if (version.returned) box.append(el("p", version.returned));
    for (const { what, records } of together(changes)) {
      const p = el("p", ""), { c } = records[0];
      p.append(el("span", c.kind, { class: "kind " + c.kind }), " ");
      const to = c.to ?? (c.anchor && `${c.registry.to}#${c.anchor}`);
      if (c.registry) p.append(c.registry.to ? link(c.registry.title, c.registry.to) : c.registry.title, ": ");
      if (records.length > 1) {
        p.append(`${what}, in ${records.length} records: `);
        records.forEach(({ c, rest }, i) => {
          const [name, more] = c.name ? [c.name, rest] : [rest, ""];
          p.append(i ? ", " : "", c.anchor ? link(name, `${c.registry.to}#${c.anchor}`) : name, more);
        });
      } else if (to && c.name) p.append(link(c.name, to), c.text.slice(c.name.length));
      else if (to && c.registry) p.append(link(c.text, to));
      else if (c.to && c.ports) p.append(link(c.ports, c.to), ": " + c.text);
      else p.append(c.text);
      box.append(p);
    }
    li.append(a, box);
    return li;
  };

  // The choice of registries: ports, all, a group, or one of a group that is chosen.
  const choice = form.elements.in, always = choice && [...choice.options];
  const offer = () => {
    const chosen = choice.value, group = chosen.split("/")[0], more = [];
    for (const [id, title] of globalThis.ianasyncGroups?.groups ?? []) {
      more.push(new Option(title, id));
      if (id === group) for (const [of, title] of [...titles].filter(([of]) => of.startsWith(id + "/")).sort((a, b) => a[1] < b[1] ? -1 : 1)) more.push(new Option("\u2003" + title, of));
    }
    if (chosen && ![...always, ...more].some((o) => o.value === chosen)) more.push(new Option(chosen, chosen));
    choice.replaceChildren(...always, ...more);
    choice.value = chosen;
  };

  const fields = ["from", "to", "kind", "with", ...(choice ? ["in"] : [])];
  let asked = 0;
  const show = async () => {
    const [from, to, kind, text, where = ""] = fields.map((f) => form.elements[f].value.trim());
    const query = new URLSearchParams(fields.filter((f) => form.elements[f].value).map((f) => [f, form.elements[f].value.trim()]));
    history.replaceState(null, "", "?" + query);
    const within = (y) => (!from || y >= Number(from.slice(0, 4))) && (!to || y <= Number(to.slice(0, 4)));
    const ask = ++asked, wanted = where && where !== "all" ? [] : years.filter(within).map(String);
    if (where) wanted.push(...othersYears.filter(within).map((y) => "registries-" + y));
    sum.textContent = "Loading …";
    try {
      await Promise.all([...wanted.map((w) => load(`compare/${w}.js`)), choice && load("search/groups.js")]);
    } catch {
      if (ask === asked) sum.textContent = "The changes cannot be loaded; the pages of the years have them.";
      return;
    }
    if (ask !== asked) return;
    const word = text.toLowerCase(), counts = new Map(), items = [];
    const fits = (c) => (kind === "minor" || !c.minor) && (!kind || kind === "minor" || c.kind === kind) && (!where.includes("/") || c.registry.id === where) &&
      (!word || c.text.toLowerCase().includes(word) || c.ports === word || c.registry?.lower.includes(word));
    const groups = new Map(globalThis.ianasyncGroups?.groups ?? []);
    const group = where.split("/")[0], versions = wanted.flatMap((w) => loaded.get(w) ?? []).filter((v) => !where || where === "all" || v.group === group);
    if (where) versions.sort((a, b) => a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
    for (const version of versions.reverse()) {
      if (from && version.day <= from || to && version.day > to) continue;
      const changes = version.changes.filter(fits);
      for (const c of changes) counts.set(c.kind, (counts.get(c.kind) ?? 0) + 1);
      if (changes.length || version.returned && !word && !kind) items.push(item(version, changes, where === "all" && (groups.get(version.group) ?? "Ports and services")));
    }
    list.replaceChildren(...items);
    const days = (from ? ` after ${from}` : "") + (to ? ` up to ${to}` : "");
    if (choice) offer();
    sum.textContent = (items.length ? [...counts].sort((a, b) => b[1] - a[1]).map(([k, n]) => `${n} ${k}`).join(", ") : "Nothing") + days + ".";
    if (!items.length && from > form.dataset.first) {
      const all = el("button", `Show all since ${form.dataset.first}`, { type: "button" }), box = el("span", "", { class: "zoom" });
      all.addEventListener("click", () => {
        form.elements.from.value = form.dataset.first;
        show();
        form.elements.from.focus();
      });
      box.append(all);
      sum.append(box);
    }
  };
  const query = new URLSearchParams(location.search);
  if (choice && query.get("in")) choice.append(new Option("", query.get("in")));
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
