// The search, the answer about a port without a page, the newest version, the map, buttons that copy. Everything else works without.
"use strict";
(() => {
  const root = document.body.dataset.root;
  const disk = location.protocol === "file:";
  const el = (name, text, attributes = {}) => {
    const e = document.createElement(name);
    e.textContent = text;
    for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
    return e;
  };

  // A disk serves no folder: a link to one leads to the page in it.
  const whole = (to) => disk ? to.replace(/\/($|#)/, "/index.html$1") : to;
  if (disk) {
    addEventListener("click", (event) => {
      const a = event.target.closest("a[href]");
      const to = a && (a.getAttribute("href") ?? a.href);
      if (to && !/^[a-z]+:/i.test(to) && /\/($|#)/.test(to)) {
        event.preventDefault();
        location.href = whole(to);
      }
    });
  }

  for (const pre of document.querySelectorAll(".commands pre")) {
    const text = pre.textContent;
    const button = el("button", "Copy", { type: "button", "aria-label": "Copy: " + text });
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(pre);
        button.textContent = "Selected";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
    pre.append(button);
  }

  // A page that is the same since an older version leaves the newest to a small file.
  for (const e of globalThis.ianasyncNewest ? document.querySelectorAll(".newest") : []) {
    e.append("; the newest is ", el("a", ianasyncNewest, { href: whole(`${root}version/${ianasyncNewest}/`) }));
  }

  // The index is loaded once, when somebody first needs it.
  const load = (file) => new Promise((resolve, reject) => {
    const tag = el("script", "", { src: root + file });
    tag.onload = resolve;
    tag.onerror = () => reject(new Error("cannot load " + file));
    document.head.append(tag);
  });
  // The body states what the search begins with: "ports", "all" registries, "only" these where there are no ports, "" where there is
  // nothing else; without a scope there is nothing to search.
  const scope = document.body.dataset.scope, hasPorts = scope !== "only";
  let loaded;
  const index = () => loaded ??= Promise.all([load("find.js"), hasPorts && load("search.js")]).then(() => hasPorts && ianasyncFind.read(ianasync)).catch((error) => {
    loaded = undefined;
    throw error;
  });
  // The lists of other registries are loaded once, when somebody first searches these.
  let loadedOthers;
  const others = () => loadedOthers ??= index().then(() => Promise.all([load("registries.js"), load("search/groups.js")])).then(async () => {
    await Promise.all(ianasyncGroups.lists.map((list) => load(`search/${list}.js`)));
    return ianasyncRegistries.read(ianasyncGroups.groups);
  }).catch((error) => {
    loadedOthers = undefined;
    throw error;
  });

  // Search. Its form works with this script alone, and so is no part of the thousands of pages.
  if (scope !== undefined) {
    const form = el("form", "", { class: "find", role: "search", "data-scope": scope });
    const [label, examples, fits] = scope === "all" || scope === "only"
      ? ["Find a value or a name", "0x1301, json, ecdsa …", "What fits"]
      : ["Find a port or a service", "5432, ssh, postgres …", "Ports and services that fit"];
    form.innerHTML = `<label for="q">${label}</label>
<input id="q" name="q" type="search" role="combobox" aria-expanded="false" aria-controls="found" aria-autocomplete="list" autocomplete="off" autocapitalize="off" spellcheck="false" placeholder="${examples}">
<kbd aria-hidden="true">/</kbd>
<div class="drop" hidden><div id="found" role="listbox" aria-label="${fits}"></div><p id="remark" role="status"></p></div>`;
    const hero = document.querySelector(".hero");
    if (hero) hero.append(form);
    else document.querySelector(".home").after(form);
    const q = form.querySelector("#q"), drop = form.querySelector(".drop"), found = form.querySelector("#found"), remark = form.querySelector("#remark");
    let chosen = false; // the scope, by somebody
    let active = -1, latest = 0;
    const options = () => [...found.children];
    const choose = (i) => {
      active = i;
      options().forEach((o, j) => o.setAttribute("aria-selected", j === i));
      if (i >= 0) {
        q.setAttribute("aria-activedescendant", options()[i].id);
        options()[i].scrollIntoView({ block: "nearest" });
      } else q.removeAttribute("aria-activedescendant");
    };
    const show = (open) => {
      drop.hidden = !open;
      q.setAttribute("aria-expanded", open && found.children.length > 0);
    };
    // search shows what is found, and returns true, unless there is nothing to search or another search, of another text or in another scope, began meanwhile.
    const search = async () => {
      const text = q.value, own = ++latest;
      if (!text.trim()) return show(false);
      let result;
      try {
        const i = await index(); // before the search is named, which comes with it
        result = hasPorts ? ianasyncFind.find(i, text) : { hits: [], remark: "" };
        const alone = form.dataset.scope === "ports"; // what no port has is sought in the others, unless the ports were chosen
        if (form.dataset.scope && (!alone || !chosen && !result.hits.length)) {
          const registries = await others();
          result = ianasyncRegistries.find(registries, text, result);
          if (alone && result.hits.length) result.remark = "No port or service has this, but other registries have. " + result.remark;
        }
      } catch {
        result = { hits: [], remark: "The index of the search cannot be loaded." };
      }
      if (own !== latest) return;
      found.replaceChildren(...result.hits.map((hit, i) => {
        const a = el("a", "", { role: "option", id: "hit" + i, href: whole(root + hit.to), tabindex: "-1", "aria-selected": "false" });
        a.append(el("b", hit.name), " ", el("span", hit.at, { class: "on" }), " ", el("span", hit.what, { class: "what" }));
        if (hit.from) a.append(" ", el("span", hit.from, { class: "from" }));
        return a;
      }));
      remark.textContent = result.remark;
      choose(-1);
      show(true);
      return true;
    };
    if (form.dataset.scope && hasPorts) {
      const button = el("button", "", { type: "button" }), bar = el("p", "", { class: "scope" });
      const name = () => { button.textContent = form.dataset.scope === "all" ? "Search ports and services alone" : "Search all registries of IANA"; };
      const asked = new URLSearchParams(location.search).get("in");
      if (asked) {
        form.dataset.scope = asked === "all" ? "all" : "ports";
        chosen = true;
      }
      name();
      button.addEventListener("click", () => {
        chosen = true;
        form.dataset.scope = form.dataset.scope === "all" ? "ports" : "all";
        name();
        if (!disk) {
          const at = new URL(location.href);
          at.searchParams.set("q", q.value);
          at.searchParams.set("in", form.dataset.scope);
          history.replaceState(null, "", at);
        }
        search();
      });
      bar.append(button);
      drop.prepend(bar);
    }
    q.addEventListener("focus", () => { index().catch(() => {}); }, { once: true });
    q.addEventListener("input", search);
    q.addEventListener("focus", () => { if (q.value && found.children.length) show(true); });
    q.addEventListener("keydown", (event) => {
      const n = options().length;
      const to = { ArrowDown: active + 1 >= n ? 0 : active + 1, ArrowUp: active <= 0 ? n - 1 : active - 1 }[event.key];
      if (to !== undefined && n) {
        event.preventDefault();
        show(true);
        choose(to);
      } else if (event.key === "Escape" && !drop.hidden) {
        event.preventDefault();
        show(false);
      }
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const at = active;
      if (at < 0 && !await search()) return;
      const to = options()[at] ?? options()[0];
      if (to) to.click();
      else if (form.dataset.scope === "ports") form.querySelector(".scope button").click();
    });
    form.addEventListener("focusout", (event) => { if (!form.contains(event.relatedTarget)) show(false); });
    drop.addEventListener("pointerdown", (event) => event.preventDefault()); // the focus stays in the field
    addEventListener("keydown", (event) => {
      const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      q.focus();
      q.select();
    });
    const asked = new URLSearchParams(location.search).get("q");
    if (asked) {
      q.value = asked;
      q.focus();
      search();
    }
  }

  // A port without a page: its answer on the page of its block, and on the page for what is not there.
  const answer = (index, port, at) => {
    const a = ianasyncFind.about(index, port);
    at.replaceChildren(el("p", a.sentence, { class: "lead" }));
    for (const r of a.reports) at.append(el("p", `IANA’s registry: “${r}”`, { class: "warn" }));
    const p = el("p", "");
    p.append(el("a", a.hasPage ? `The page of port ${port}` : `Port ${port} among those of its block, ${a.block}–${a.block + 255}`, { href: whole(root + a.to) }));
    at.append(p);
    at.hidden = false;
    return a;
  };
  const lost = document.getElementById("lost");
  if (lost && hasPorts) {
    const [, kind, name] = decodeURIComponent(location.pathname).match(/\/(port|service)\/([^/]+)\/?(?:index\.html)?$/) ?? [];
    if (kind === "port" && /^\d{1,5}$/.test(name) && Number(name) < 65536) {
      index().then((i) => {
        answer(i, Number(name), lost);
        document.querySelector("h1").textContent = document.title = `Port ${Number(name)}`;
        document.querySelector("main > .lead").hidden = true;
      }, () => {});
    } else if (name) {
      index().then((i) => {
        const { hits } = ianasyncFind.find(i, name, 5);
        if (!hits.length) return;
        const list = el("ul", "");
        for (const hit of hits) {
          const item = el("li", "");
          item.append(el("a", hit.name, { href: whole(root + hit.to) }), ` ${hit.at} ${hit.what}`);
          list.append(item);
        }
        lost.replaceChildren(el("p", `The registry has no ${kind} “${name}”. Near it:`), list);
        lost.hidden = false;
      }, () => {});
    }
  }
  const about = document.getElementById("about-port");
  if (about) {
    const follow = () => {
      const port = location.hash.match(/^#p(\d{1,5})$/)?.[1];
      about.hidden = true;
      if (port) index().then((i) => answer(i, Number(port), about).hasPage || about.lastChild.remove(), () => {});
    };
    addEventListener("hashchange", follow);
    follow();
  }

  // The map.
  const map = document.getElementById("map");
  if (!map) return;
  const size = Number(map.dataset.size), box = map.parentElement;
  const mark = el("i", ""), tip = el("output", "", { class: "tip", "aria-live": "polite" });
  let at = 0, zoom = 1;
  const point = async (port) => {
    at = port;
    const x = (port % size + 0.5) * 100 / size, y = (Math.floor(port / size) + 0.5) * 100 / size;
    mark.style.left = tip.style.left = x + "%";
    mark.style.top = tip.style.top = y + "%";
    tip.dataset.side = (x > 50 ? "left" : "right") + (y > 50 ? "-above" : "-below");
    map.append(mark, tip);
    const i = await index();
    if (port !== at) return;
    const a = ianasyncFind.about(i, port);
    tip.replaceChildren(el("a", "Port " + port, { href: whole(root + a.to), tabindex: "-1" }), ": " + (a.services.map((s) => s.name).join(", ") || a.state));
  };
  const portAt = (event) => {
    const r = map.getBoundingClientRect();
    const cell = (from, length, where) => Math.min(size - 1, Math.max(0, Math.floor((where - from) / length * size)));
    return cell(r.top, r.height, event.clientY) * size + cell(r.left, r.width, event.clientX);
  };
  const open = async (port) => {
    const i = await index();
    location.href = whole(root + ianasyncFind.about(i, port).to);
  };
  map.tabIndex = 0;
  map.setAttribute("role", "application");
  map.setAttribute("aria-label", "Map of all ports");
  map.setAttribute("aria-describedby", "how");
  let touch = false;
  map.addEventListener("pointermove", (event) => { if (event.pointerType !== "touch" && !tip.contains(event.target)) point(portAt(event)); });
  map.addEventListener("pointerdown", (event) => { touch = event.pointerType === "touch"; });
  map.addEventListener("focus", () => point(at));
  map.addEventListener("click", (event) => {
    if (tip.contains(event.target)) return;
    if (touch) point(portAt(event)); // a finger first reads, and then follows the link
    else open(portAt(event));
  });
  map.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -size, ArrowDown: size, Home: -(at % size), End: size - 1 - at % size }[event.key];
    if (event.key === "Enter") open(at);
    if (event.key === "+" || event.key === "-") magnify(event.key === "+" ? 2 : 0.5);
    if (step === undefined) return;
    event.preventDefault();
    if (at + step >= 0 && at + step < size * size) point(at + step).then(() => mark.scrollIntoView({ block: "nearest", inline: "nearest" }));
  });
  const magnify = (by) => {
    const to = Math.min(8, Math.max(1, zoom * by)), grow = to / zoom;
    const x = box.scrollLeft + box.clientWidth / 2, y = box.scrollTop + box.clientHeight / 2;
    zoom = to;
    map.dataset.zoom = zoom;
    box.scrollTo(x * grow - box.clientWidth / 2, y * grow - box.clientHeight / 2);
    for (const b of buttons) b.disabled = b.dataset.by === "2" ? zoom === 8 : zoom === 1;
  };
  const zooms = el("span", "", { class: "zoom" });
  const buttons = [["Zoom in", 2], ["Zoom out", 0.5]].map(([text, by]) => {
    const b = el("button", text, { type: "button", "data-by": by });
    b.addEventListener("click", () => magnify(by));
    zooms.append(b);
    return b;
  });
  document.querySelector(".layers").append(zooms);
  magnify(1);
})();
