// The search over other registries: what a query finds in the lists that search/ has, each of groups that begin with one letter.
// It touches no page, so that tests run it in node, too.
"use strict";
globalThis.ianasyncRegistries = (() => {
  const { split, distance, tolerance } = ianasyncFind;
  const lists = [];
  // add takes a list: a line for each registry, with its id, title and address, and lines of its records, which begin with a tab.
  const add = (list) => lists.push(list);

  // Groups that most people mean, where many have what they ask for; the ports are among them.
  const ports = "";
  const known = ["http-status-codes", ports, "http-methods", "media-types", "tls-parameters", "tls-extensiontype-values", "dns-parameters", "message-headers", "http-fields", "well-known-uris", "uri-schemes", "link-relations",
    "oauth-parameters", "jwt", "cose", "character-sets", "ssh-parameters", "protocol-numbers"];
  const rankOf = (group) => known.includes(group) ? known.indexOf(group) : known.length;

  // number returns a number in hexadecimal without its spelling: that of 0x1301 is that of 0x13,0x01.
  const number = (text) => {
    const bytes = text.split(/[\s,]+/);
    if (!bytes.every((b) => /^0x[0-9a-f]+$/.test(b))) return "";
    return bytes.map((b, i) => i ? b.slice(2).padStart(2, "0") : b.slice(2)).join("").replace(/^0+(?=.)/, "");
  };
  const anchorOf = (key) => key.replaceAll(" / ", "/").replace(/[^A-Za-z0-9_.,:/+*-]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 60) || "record";

  // entry is what can be found: a group, a registry or a record. All of it in lower case is one text, which most words are not in.
  const entry = (registry, to, value, name, what) => {
    const low = `${value}\t${name}\t${what}`.toLowerCase();
    return { registry, to, value, name, what, low };
  };
  // read parses the lists. The groups are pairs of ids and titles.
  const read = (groups) => {
    const entries = [], titles = new Map();
    for (const [id, title, folder = id] of groups) {
      titles.set(id, title);
      entries.push(entry({ title: "", group: "", low: "", rank: rankOf(id) }, `registry/${folder}/`, "", title, id));
    }
    for (const list of lists.sort()) { // they arrive in any order, and hits of one worth stand in that of the groups
      let registry;
      for (const line of list.split("\n")) {
        const [first, ...cells] = line.split("\t");
        if (first) {
          const id = first.split("/")[0], group = titles.get(id) ?? id, [title, to = first] = cells;
          registry = { title, group, rank: rankOf(id), to: `registry/${to}/`, low: `${title} ${group}`.toLowerCase() };
          if (title !== group) entries.push(entry({ title: "", group, low: group.toLowerCase(), rank: registry.rank }, registry.to, "", title, first));
        } else {
          const [value, name = "", what = "", anchor = anchorOf(value || name)] = cells;
          entries.push(entry(registry, `${registry.to}#${anchor}`, value, name, what));
        }
      }
    }
    return { entries, words: undefined };
  };

  const isWord = (c) => c !== undefined && /[a-z0-9\u00c0-\u1fff\u2c00-\uffff]/.test(c);
  const hasWord = (text, word) => {
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) if (!isWord(text[at - 1]) && !isWord(text[at + word.length])) return true;
    return false;
  };
  const none = Infinity;
  // exact returns how well an entry has a word, 0 best; none where it has not, or only as a part of a number.
  const exact = (low, word) => {
    if (!low.includes(word)) return none;
    const [value, name, what] = low.split("\t");
    if (name === word || value === word) return 0;
    if (hasWord(name, word) || hasWord(value, word)) return 1;
    if (hasWord(what, word)) return 2;
    if (word.length < 2) return none;
    if (name.startsWith(word)) return 3;
    if (name.includes(word)) return 4;
    return what.includes(word) ? 5 : none;
  };
  // score adds up what each word is worth. A word may be of the title of the registry, or of its group, but not all of them.
  const score = (e, words, scoring) => {
    let sum = 0, own = false;
    for (const word of words) {
      let n = scoring(e.low, word);
      if (n !== none) own = true;
      else if (e.registry.low.includes(word)) n = 6;
      else return none;
      sum += n;
    }
    return own ? sum / words.length : none;
  };
  const best = (hits) => hits.sort((a, b) => a.n - b.n || a.e.registry.rank - b.e.registry.rank || a.e.name.length - b.e.name.length);
  // ranked returns the entries that have all words, best first, as hits. Entries that differ in their values alone are one.
  const ranked = (index, words, is, scoring) => {
    const found = [], same = new Map();
    for (const e of index.entries) {
      let n = Math.min(is(e), score(e, words, scoring));
      if (n === none) continue;
      const isKnown = e.registry.rank < known.length;
      if (!n && !isKnown) n = 0.2;
      else if (!e.registry.title && n > 0 && n <= 1) n = isKnown && !e.registry.group ? 0.1 : e.registry.group ? 0.5 : 0.4; // a title has all words
      const key = `${e.registry.to}\t${e.name}\t${e.what}`, before = e.registry.to && same.get(key);
      if (before) {
        before.n = Math.min(before.n, n);
        if (e.value) before.values.push(e.value);
        continue;
      }
      const hit = { n, e, values: e.value ? [e.value] : [] };
      same.set(key, hit);
      found.push(hit);
    }
    return best(found);
  };
  const most = 4; // of the values of a hit that are shown
  const hitOf = ({ n, e, values }) => {
    const at = values.slice(0, most).join(", ") + (values.length > most ? ", …" : "");
    const from = [e.registry.title, e.registry.group].filter((t, i, all) => t && t !== all[i - 1]).join(" · ");
    return { to: e.to, name: e.name || at || e.what, at: e.name ? at : "", what: e.name || at ? e.what : "", from, n, rank: e.registry.rank };
  };

  const typo = 7; // what a typing error costs
  // similar returns the words of the index that a word may be a typing error of.
  const similar = (index, word) => {
    const allowed = tolerance(word);
    index.words ??= allowed ? new Set(index.entries.flatMap((e) => [...split(e.low), ...e.low.split("\t")])) : undefined;
    return allowed ? [...index.words].filter((other) => distance(word, other, allowed) <= allowed) : [];
  };

  const filler = new Set("what which is are the a an of for in iana".split(" "));
  // find returns the hits of a query, the best first, and a remark where there is something to say beside them. The hits among
  // the ports are those of the search there; one that is exact stands among the exact ones.
  const find = (index, query, there, limit = 20) => {
    const text = query.normalize("NFKC").trim().toLowerCase().replace(/[?!]+$/, ""), hex = number(text);
    const all = text.split(/\s+/).filter(Boolean), meant = all.filter((w) => !filler.has(w)), words = meant.length ? meant : all;
    const phrase = words.join(" ");
    const is = (e) => {
      if (!e.low.includes(phrase)) return hex !== "" && number(e.value.toLowerCase()) === hex ? 0 : none;
      const [value, name, what] = e.low.split("\t");
      return value === phrase || name === phrase ? 0 : what === phrase && e.registry.rank < known.length ? 0.15 : none;
    };
    const from = "Ports and services", rank = known.indexOf(ports), parts = split(phrase);
    // A port, or a service of this very name, is exact.
    const exactly = there.remark ? [] : there.hits.map((h, i) => ({ ...h, from, rank, n: h.name.toLowerCase() === text || !i && /^Ports? \d/.test(h.name) ? 0 : 2 }));
    let hits = ranked(index, words, is, exact), remark = "";
    if (!hits.length && parts.length > words.length) hits = ranked(index, parts, is, exact);
    if (!hits.length && !exactly.length) {
      const tried = [words, parts].map((as) => {
        const near = new Map(as.map((w) => [w, similar(index, w)]));
        return ranked(index, as, () => none, (low, w) => Math.min(exact(low, w), ...near.get(w).map((other) => typo + exact(low, other))));
      });
      const seen = new Set();
      hits = best(tried.flat()).filter(({ e }) => !seen.has(e) && seen.add(e));
      exactly.push(...there.hits.map((h, i) => ({ ...h, from, rank, n: i || parts.length > 1 ? typo + 1 : typo })));
      remark = hits.length + exactly.length ? "Nothing is spelled so; this comes near." : "Nothing has this in a value, a name or a description.";
    }
    const both = [...exactly, ...hits.slice(0, limit).map(hitOf)].sort((a, b) => a.n - b.n || a.rank - b.rank);
    const led = new Set(); // a group and its only registry are one page
    return { hits: both.filter(({ to }) => !led.has(to) && led.add(to)).slice(0, limit), remark };
  };

  return { add, read, find };
})();
