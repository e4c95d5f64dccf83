// The search: what a query finds in the index of search.js. It touches no page, so that tests run it in node, too.
"use strict";
globalThis.ianasyncFind = (() => {
  const transports = { t: "tcp", u: "udp", s: "sctp", d: "dccp" };
  const tiers = [
    { last: 1023, name: "System", range: "0–1023", means: "IANA assigns these by IETF Review or IESG Approval" },
    { last: 49151, name: "User", range: "1024–49151", means: "IANA assigns these on request" },
    { last: 65535, name: "Dynamic", range: "49152–65535", means: "IANA never assigns these; anyone may use them temporarily" },
  ];
  const states = { b: "no entry", u: "Unassigned", m: "Unassigned, but remarked on", r: "Reserved", n: "in use without a service name", a: "Assigned" };
  const split = (text) => text.toLowerCase().match(/[a-z0-9\u00c0-\u1fff\u2c00-\uffff]+/g) ?? [];
  const squeeze = (text) => split(text).join("");
  const lines = (text) => text ? text.split("\n").map((line) => line.split("\t")) : [];

  // bounds returns the first and the last port of "80" or "6000-6063".
  const bounds = (ports) => {
    const [first, last = first] = ports.split("-").map(Number);
    return [first, last];
  };

  // read parses the index.
  const read = (data) => {
    const services = lines(data.services).map(([name, what = "", ports = "", folder = "", gone = ""]) => {
      const at = ports.split(",").filter(Boolean).map((p) => {
        const [, range, letters] = p.match(/^([\d-]+)([a-z]*)$/);
        const [first, last] = bounds(range);
        return { range, first, last, on: [...letters || "tu"].map((c) => transports[c] ?? c) };
      });
      return { name, what, at, folder: folder || name.toLowerCase(), gone: gone !== "", lower: name.toLowerCase(), squeezed: squeeze(name), parts: split(name), words: split(what) };
    });
    const named = new Map();
    for (const s of services) named.set(s.lower, s);
    const on = new Map();
    for (const s of services) {
      for (const a of s.at) {
        for (let p = a.first; p <= a.last; p++) {
          const there = on.get(p);
          if (!there) on.set(p, [s]);
          else if (!there.includes(s)) there.push(s);
        }
      }
    }
    const pages = new Set();
    let port = 0;
    for (const step of data.pages ? data.pages.split(" ") : []) pages.add(port += Number(step));
    const state = [];
    for (const [, of, n] of data.states.matchAll(/([a-z])(\d+)/g)) for (let i = 0; i < Number(n); i++) state.push(of);
    const ranged = (text) => lines(text).map(([ports, what]) => ({ ports, first: bounds(ports)[0], last: bounds(ports)[1], what, words: split(what) }));
    const aliases = new Map();
    for (const [names, targets, what] of lines(data.aliases)) {
      for (const name of names.split(",")) aliases.set(name, { targets: targets.split(","), what });
    }
    const vocabulary = new Set();
    for (const s of services) for (const words of [[s.lower], s.parts, s.words]) for (const w of words) vocabulary.add(w);
    return { services, vocabulary, named, on, pages, state, aliases, reports: ranged(data.reports), notes: ranged(data.notes) };
  };

  const tierOf = (port) => tiers.find((t) => port <= t.last);
  const portPage = (index, port) => index.pages.has(port) ? `port/${port}/` : `block/${port - port % 256}/#p${port}`;

  // about returns what the registry has on a port: its tier, its state, its services and any report against it.
  const about = (index, port) => {
    const tier = tierOf(port), state = states[index.state[port] ?? "b"], services = index.on.get(port) ?? [];
    const reports = index.reports.filter((r) => r.first <= port && port <= r.last).map((r) => r.what);
    const block = port - port % 256;
    let sentence = `${port} is a ${tier.name} port (${tier.range}): ${tier.means}.`;
    if (services.length) sentence = `${port} is assigned to ${services.map((s) => s.name).join(", ")}.`;
    else if (tier.name !== "Dynamic") sentence += state === "no entry" ? " It has no entry." : ` It is ${state}.`;
    if (index.state[port] === "u" && !services.length) sentence += " Nothing is reported against it.";
    return { port, tier, state, services, reports, sentence, block, to: portPage(index, port), hasPage: index.pages.has(port) };
  };

  const placed = (s) => s.at.map((a) => a.range + (a.on.length ? " " + a.on.join(", ") : "")).join("; ");
  const hitOf = (s, what) => ({ to: `service/${s.folder}/`, name: s.name, at: placed(s) || (s.gone ? "no longer registered" : "no port"), what: what || s.what });
  const portHit = (index, port, what) => {
    const a = about(index, port);
    const names = a.services.map((s) => s.name).join(", ");
    const described = a.services.find((s) => s.what)?.what ?? "";
    return { to: a.to, name: "Port " + port, at: names || a.state, what: what || (names ? described : a.sentence + a.reports.map((r) => ` IANA’s registry: “${r}”`).join("")) };
  };

  // Words of a question that stand for nothing in the registry.
  const filler = new Set(("port ports number numbers no nr tcp udp sctp dccp what whats which is are does do use used uses using by for the a an of on to in at default " +
    "standard well known assigned registered iana my who run runs listen listens free service services protocol").split(" "));
  const tails = new Set("server client daemon database db".split(" "));

  // distance is that of Levenshtein with swapped neighbours counted as one; it stops at more than most.
  const distance = (a, b, most) => {
    if (Math.abs(a.length - b.length) > most) return most + 1;
    let before = [], last = Array.from({ length: b.length + 1 }, (_, i) => i);
    for (let i = 1; i <= a.length; i++) {
      const row = [i];
      let least = i;
      for (let j = 1; j <= b.length; j++) {
        let d = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) d = Math.min(d, before[j - 2] + 1);
        row.push(d);
        least = Math.min(least, d);
      }
      if (least > most) return most + 1;
      [before, last] = [last, row];
    }
    return last[b.length];
  };
  const tolerance = (word) => word.length < 4 || /^\d+$/.test(word) ? 0 : word.length < 8 ? 1 : 2;

  // score returns how well a service fits a word: 0 where it does not.
  const score = (s, word) => {
    if (s.lower === word) return 100;
    if (s.squeezed === word) return 92;
    if (s.parts.includes(word)) return 60;
    if (s.lower.startsWith(word)) return 40 + 20 * word.length / s.lower.length;
    if (s.words.includes(word)) return 45 - Math.min(10, s.words.length / 2);
    if (s.parts.some((p) => p.startsWith(word))) return 34;
    if (word.length > 1 && s.words.some((w) => w.startsWith(word))) return 24;
    if (word.length > 1 && s.lower.includes(word)) return 18;
    return s.words.length > 2 && s.words.map((w) => w[0]).join("") === word ? 30 : 0;
  };
  // close returns the words of the index that a word may be a typing error of, with their distances.
  const close = (index, word) => {
    const most = tolerance(word), found = new Map();
    if (!most) return found;
    for (const other of index.vocabulary) {
      const d = distance(word, other, most);
      if (d <= most) found.set(other, d);
    }
    return found;
  };
  const near = (s, found) => {
    let best = 0;
    const to = (other, full) => {
      const d = found.get(other);
      if (d !== undefined) best = Math.max(best, full - 8 * d);
    };
    to(s.lower, 40);
    for (const p of s.parts) to(p, 28);
    for (const w of s.words) to(w, 24);
    return best;
  };
  const rank = (s, words, phrase, scoring) => {
    let sum = 0;
    for (const word of words) {
      const n = scoring(s, word);
      if (!n) return 0;
      sum += n;
    }
    sum /= words.length;
    if (words.length > 1) {
      if (s.squeezed === squeeze(phrase)) sum += 60;
      else if (s.words.join(" ").includes(phrase)) sum += 20;
    }
    const first = s.at[0]?.first;
    return Math.max(1, sum + (first === undefined ? -4 : first < 1024 ? 12 : 4) - (s.gone ? 25 : 0));
  };
  const ranked = (index, words, phrase, scoring) => index.services.map((s) => ({ s, n: rank(s, words, phrase, scoring) })).filter((f) => f.n > 0)
    .sort((a, b) => b.n - a.n || a.s.name.length - b.s.name.length || (a.s.lower < b.s.lower ? -1 : 1)).map((f) => f.s);

  // aliasOf returns the entry of the list of other names: as written, without "server" at the end, or with a typing error.
  const aliasOf = (index, words, typo) => {
    const tries = [words];
    if (words.length > 1 && tails.has(words.at(-1))) tries.push(words.slice(0, -1));
    for (const t of tries) {
      const found = index.aliases.get(t.join(" ")) ?? index.aliases.get(t.join(""));
      if (found) return found;
    }
    const phrase = words.join(" "), most = tolerance(phrase);
    let best;
    for (const [name, entry] of typo && most ? index.aliases : []) {
      const d = distance(phrase, name, most);
      if (d <= most && d < (best?.d ?? 9)) best = { d, entry };
    }
    return best?.entry;
  };

  // numbers returns the port or the range that a query is about: "tcp/5432", "localhost:443", "6000-6063".
  const numbers = (text) => {
    const range = text.match(/^\D*?(\d{1,5})\s*(?:-|–|—|\.\.+|to)\s*(\d{1,5})\D*$/);
    if (range && split(text.replace(/\bto\b/, "")).every((w) => filler.has(w) || /^\d+$/.test(w))) return [Number(range[1]), Number(range[2])].sort((a, b) => a - b);
    const host = text.match(/^\S*[a-z\]]\S*:(\d{1,5})(?:\/\S*)?$/);
    if (host) return [Number(host[1])];
    const words = split(text).filter((w) => !filler.has(w)).map((w) => w.replace(/^port(\d+)$/, "$1"));
    return words.length === 1 && /^\d+$/.test(words[0]) ? [Number(words[0])] : [];
  };

  // find returns the hits of a query, the best first, and a remark where there is something to say beside them.
  const find = (index, query, limit = 12) => {
    const text = query.normalize("NFKC").trim().toLowerCase().replace(/[?!]+$/, "");
    const hits = [], seen = new Set();
    const add = (hit) => {
      if (!seen.has(hit.to) && hits.length < limit) hits.push(hit);
      seen.add(hit.to);
    };
    if (!text) return { hits, remark: "" };
    const [first, last] = numbers(text);
    if (first !== undefined && index.named.has(text)) add(hitOf(index.named.get(text)));
    if (first > 65535 || last > 65535) return { hits, remark: "Port numbers end at 65535." };
    if (last !== undefined) {
      const within = index.services.filter((s) => s.at.some((a) => a.first <= last && first <= a.last));
      const width = (s) => Math.max(...s.at.map((a) => Math.min(a.last, last) - Math.max(a.first, first)));
      const exact = (s) => s.at.some((a) => a.first === first && a.last === last) ? 1 : 0;
      within.sort((a, b) => exact(b) - exact(a) || width(b) - width(a) || a.at[0].first - b.at[0].first);
      for (const s of within) add(hitOf(s));
      add({ to: `block/${first - first % 256}/#p${first}`, name: `Ports ${first}–${last}`, at: "", what: `${within.length || "No"} service${within.length === 1 ? " has" : "s have"} a port among them; the list of ports from ${first} on.` });
      return { hits, remark: "" };
    }
    if (first !== undefined) {
      add(portHit(index, first));
      for (const s of index.on.get(first) ?? []) add(hitOf(s));
      const digits = String(first);
      for (const s of index.services) if (s.lower.startsWith(digits) || s.parts.includes(digits)) add(hitOf(s));
      return { hits, remark: "" };
    }
    const all = split(text), meant = all.filter((w) => !filler.has(w)), words = meant.length ? meant : all, phrase = words.join(" ");
    if (!words.length) return { hits, remark: "Nothing has this in its name or description." };
    const target = (t, what) => /^\d+$/.test(t) ? add(portHit(index, Number(t), what)) : index.named.has(t) && add(hitOf(index.named.get(t)));
    const literal = index.named.get(text.replace(/\s+/g, "-")) ?? index.named.get(text);
    const alias = aliasOf(index, words, false);
    for (const t of alias?.targets ?? []) target(t, alias.what);
    if (literal) add(hitOf(literal));
    for (const s of ranked(index, words, phrase, score).slice(0, limit)) add(hitOf(s));
    for (const n of index.notes) {
      if (words.every((w) => n.words.includes(w))) add({ ...portHit(index, n.first), name: `Port${n.first === n.last ? "" : "s"} ${n.ports}`, what: `Not from IANA: ${n.what}` });
    }
    let remark = "";
    if (!hits.length) {
      const meant = aliasOf(index, words, true);
      for (const t of meant?.targets ?? []) target(t, meant.what);
      const found = new Map(words.map((w) => [w, close(index, w)]));
      for (const s of ranked(index, words, phrase, (s, w) => score(s, w) || near(s, found.get(w))).slice(0, limit)) add(hitOf(s));
      if (hits.length) remark = "Nothing is spelled so; this comes near.";
      else if (words.length > 1) {
        for (const s of ranked(index, [words.reduce((a, b) => b.length > a.length ? b : a)], phrase, score).slice(0, limit)) add(hitOf(s));
        if (hits.length) remark = "Nothing has all of these words; this has one.";
      }
    }
    return { hits, remark: hits.length ? remark : "Nothing has this in its name or description." };
  };

  return { read, find, about, bounds, split, distance, tolerance };
})();
