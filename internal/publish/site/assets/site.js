// The search, the map's keys, buttons that copy. Everything else works without.
"use strict";
(() => {
  const root = document.body.dataset.root;
  const el = (name, text, attributes = {}) => {
    const e = document.createElement(name);
    e.textContent = text;
    for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
    return e;
  };

  // A disk serves no folder: a link to one leads to the page in it.
  if (location.protocol === "file:") {
    addEventListener("click", (event) => {
      const a = event.target.closest("a[href]");
      const to = a && (a.getAttribute("href") ?? a.href);
      if (to && !/^[a-z]+:/i.test(to) && to.endsWith("/")) {
        event.preventDefault();
        location.href = to + "index.html";
      }
    });
  }
  const page = location.protocol === "file:" ? "index.html" : "";

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

  const form = document.querySelector(".search");
  const map = document.getElementById("map");
  if (!form || !map) return;

  // The index is read once, when somebody first asks.
  let asked;
  const index = () => asked ??= new Promise((resolve, reject) => {
    const tag = el("script", "", { src: root + "search.js" });
    tag.onload = () => resolve(read(globalThis.ianasync));
    tag.onerror = reject;
    document.head.append(tag);
  });

  const read = (data) => {
    const services = data.services.split("\n").filter(Boolean).map((line) => {
      const [name, ports = "", folder, gone] = line.split("\t");
      return { name, lower: name.toLowerCase(), ports, folder: folder || name.toLowerCase(), note: ports.replaceAll(",", ", ") || gone || "no port" };
    });
    const names = new Map();
    for (const s of services) {
      for (const range of s.ports ? s.ports.split(",") : []) {
        const [first, last] = range.split("-").map(Number);
        for (let p = first; p <= (last ?? first); p++) names.set(p, [...(names.get(p) ?? []), s.name]);
      }
    }
    const pages = new Set();
    let port = 0;
    for (const step of data.pages ? data.pages.split(" ") : []) pages.add(port += Number(step));
    return { services, names, pages };
  };
  const portURL = (i, port) => root + (i.pages.has(port) ? `port/${port}/` : `block/${port - port % 256}/`) + page;

  // Search: a number is a port, and may begin a name; a word is a name, those it begins first.
  const q = document.getElementById("q");
  const found = document.getElementById("found");
  const look = (i, text) => {
    const number = text.match(/^(?:port\s*|:)?(\d+)(?:\s*\/\s*(?:tcp|udp|sctp|dccp)?)?$/);
    const ports = number && Number(number[1]) < 65536 ? [Number(number[1])] : [];
    const rank = (s) => s.lower === text ? 0 : s.lower.startsWith(text) ? 1 : 2;
    const services = i.services.filter((s) => ports.length ? s.lower.startsWith(text) : s.lower.includes(text))
      .sort((a, b) => rank(a) - rank(b) || a.name.length - b.name.length || (a.lower < b.lower ? -1 : 1));
    return [
      ...ports.map((port) => ({ to: portURL(i, port), name: "Port " + port, note: (i.names.get(port) ?? []).join(", ") || "no service" })),
      ...services.slice(0, 12).map((s) => ({ to: root + "service/" + s.folder + "/" + page, name: s.name, note: s.note })),
    ];
  };
  const search = async () => {
    const text = q.value.trim().toLowerCase();
    if (!text) return found.replaceChildren();
    const list = look(await index(), text);
    if (text !== q.value.trim().toLowerCase()) return;
    found.replaceChildren(...(list.length ? list : [{ name: "Nothing has this in its name." }]).map((f) => {
      const item = document.createElement("li");
      item.append(f.to ? el("a", f.name, { href: f.to }) : f.name, el("span", f.note ?? ""));
      return item;
    }));
  };
  form.hidden = false;
  q.addEventListener("focus", () => index(), { once: true });
  q.addEventListener("input", search);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await search();
    const first = found.querySelector("a");
    if (first) location.href = first.href;
  });

  // The map.
  const size = Number(map.dataset.size);
  const point = document.getElementById("point");
  const mark = document.createElement("i");
  let at = 0;
  const show = async (port) => {
    at = port;
    mark.style.left = (port % size) * 100 / size + "%";
    mark.style.top = Math.floor(port / size) * 100 / size + "%";
    map.append(mark);
    const i = await index();
    if (port === at) point.textContent = `Port ${port}: ` + ((i.names.get(port) ?? []).join(", ") || "no service");
  };
  const portAt = (event) => {
    const box = map.getBoundingClientRect();
    const cell = (from, length, where) => Math.min(size - 1, Math.max(0, Math.floor((where - from) / length * size)));
    return cell(box.top, box.height, event.clientY) * size + cell(box.left, box.width, event.clientX);
  };
  const open = async (port) => { location.href = portURL(await index(), port); };
  map.tabIndex = 0;
  map.setAttribute("role", "application");
  map.setAttribute("aria-label", "Map of all ports");
  map.setAttribute("aria-describedby", "how");
  map.addEventListener("pointermove", (event) => show(portAt(event)));
  map.addEventListener("focus", () => show(at));
  map.addEventListener("click", (event) => open(portAt(event)));
  map.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -size, ArrowDown: size, Home: -(at % size), End: size - 1 - at % size }[event.key];
    if (event.key === "Enter") open(at);
    if (step === undefined) return;
    event.preventDefault();
    if (at + step >= 0 && at + step < size * size) show(at + step);
  });
})();
