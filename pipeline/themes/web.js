// The site without a server: appearance, hover cards, notes in place, search, filters.
// Data comes as scripts that call `makeBook`, because pages from disk may not fetch.
"use strict";

const makeBook = (() => {
  const byId = (id) => document.getElementById(id);
  const labels = JSON.parse(byId("labels").textContent);
  const say = (key, value) => labels[key].replace("{0}", value);

  // ---- scripts with data, each loaded once ------------------------------------------------

  const arrived = new Map();   // key → data
  const waiting = new Map();   // path → promise

  function load(path, key) {
    if (!waiting.has(path)) {
      waiting.set(path, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = `assets/${path}`;
        script.onload = () => resolve(arrived.get(key));
        script.onerror = () => { waiting.delete(path); reject(new Error(path)); };
        document.head.append(script);
      }));
    }
    return waiting.get(path);
  }

  // ---- appearance -------------------------------------------------------------------------

  const THEMES = ["automatic", "light", "dark"];

  function startAppearance() {
    const button = byId("appearance");
    const now = () => document.documentElement.dataset.theme || "automatic";
    const show = () => {
      button.title = `${labels.appearance}: ${labels[now()]}`;
      button.setAttribute("aria-label", button.title);
    };
    button.hidden = false;
    show();
    button.addEventListener("click", () => {
      const next = THEMES[(THEMES.indexOf(now()) + 1) % THEMES.length];
      if (next === "automatic") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = next;
      try {
        if (next === "automatic") localStorage.removeItem("appearance");
        else localStorage.setItem("appearance", next);
      } catch (error) { /* the choice holds for this page only */ }
      show();
    });
  }

  // ---- cards that show where a link leads -------------------------------------------------

  let card = null;
  let timer = 0;

  function hideCard() {
    clearTimeout(timer);
    if (card) card.remove();
    card = null;
  }

  function showCard(link, fill) {
    hideCard();
    card = document.createElement("div");
    card.id = "card";
    card.setAttribute("role", "tooltip");
    fill(card);
    link.setAttribute("aria-describedby", "card");
    document.body.append(card);
    const box = link.getBoundingClientRect();
    const width = card.offsetWidth;
    const left = Math.max(8, Math.min(box.left, document.documentElement.clientWidth - width - 8));
    const above = box.bottom + card.offsetHeight + 12 > innerHeight && box.top > card.offsetHeight;
    card.style.left = `${left + scrollX}px`;
    card.style.top = `${(above ? box.top - card.offsetHeight - 6 : box.bottom + 6) + scrollY}px`;
    card.addEventListener("pointerenter", () => clearTimeout(timer));
    card.addEventListener("pointerleave", hideCard);
  }

  async function describe(link) {
    const href = link.getAttribute("href");
    if (link.classList.contains("footnote-ref")) {
      const note = byId(decodeURIComponent(href.slice(1)));
      return note && ((box) => {
        const copy = note.cloneNode(true);
        copy.querySelectorAll(".footnote-back").forEach((item) => item.remove());
        copy.querySelectorAll("[id]").forEach((item) => item.removeAttribute("id"));
        box.append(...copy.childNodes);
      });
    }
    const file = href.split("#")[0];
    if (!file || !file.endsWith(".html")) return null;
    const found = (await load("cards.js", "cards"))[file];
    return found && ((box) => {
      const [title, date, text] = found;
      const head = document.createElement("strong");
      head.textContent = date ? `${date} ${title}` : title;
      const body = document.createElement("p");
      body.textContent = text;
      box.append(head, body);
    });
  }

  function startCards() {
    const open = (event) => {
      const link = event.target.closest("main a[href]:not(.permalink, .footnote-back)");
      if (!link || event.pointerType === "touch") return;
      clearTimeout(timer);
      timer = setTimeout(async () => {
        const fill = await describe(link).catch(() => null);
        if (fill) showCard(link, fill);
      }, 250);
    };
    const close = (event) => {
      const link = event.target.closest("main a[aria-describedby=card]");
      if (link) link.removeAttribute("aria-describedby");
      clearTimeout(timer);
      timer = setTimeout(hideCard, 200);
    };
    document.addEventListener("pointerover", open);
    document.addEventListener("focusin", open);
    document.addEventListener("pointerout", (event) => { if (event.target.closest("a")) close(event); });
    document.addEventListener("focusout", close);
  }

  // ---- search -----------------------------------------------------------------------------

  const HAN = /[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{3ffff}]/u;
  const RUN = new RegExp(`${HAN.source}+|(?:(?!${HAN.source})[\\p{L}\\p{N}])+`, "gu");
  const fold = (text) => text.normalize("NFKC").toLowerCase();
  const terms = (query) => [...fold(query).matchAll(RUN)].map((match) => match[0]);

  // Pages with a token: exact for pairs of Han, by beginning for words and single Han.
  async function pagesWith(start, rest, exact, table) {
    const shard = start.codePointAt(0) % table.shards;
    const words = await load(`search/w${shard}.js`, `w${shard}`);
    const found = new Set();
    for (const row of (words[start] || "").split(";")) {
      const [tail, numbers] = row.split(":");
      if (numbers === undefined || !(exact ? tail === rest : tail.startsWith(rest))) continue;
      let page = 0;
      for (const step of numbers.split(",")) found.add(page += parseInt(step, 36));
    }
    return found;
  }

  function lookups(term, table) {
    const letters = [...term];
    if (!HAN.test(term)) return [pagesWith(letters[0], letters.slice(1).join(""), false, table)];
    if (letters.length === 1) return [pagesWith(letters[0], "", false, table)];
    return letters.slice(1).map((next, at) => pagesWith(letters[at], next, true, table));
  }

  function occurrences(text, term) {
    let count = 0;
    for (let at = text.indexOf(term); at >= 0; at = text.indexOf(term, at + term.length)) count += 1;
    return count;
  }

  function score(wanted, title, heading, text) {
    let total = 0;
    for (const term of wanted) {
      const inTitle = occurrences(title, term), inHeading = occurrences(heading, term);
      const inText = occurrences(text, term);
      if (!inTitle && !inHeading && !inText) return 0;
      total += 12 * inTitle + 8 * inHeading + Math.log2(1 + inText) * term.length;
      if (title === term) total += 40;
    }
    return total;
  }

  async function search(query) {
    const table = await load("search/pages.js", "pages");
    const wanted = terms(query);
    if (!wanted.length) return null;
    const sets = await Promise.all(wanted.flatMap((term) => lookups(term, table)));
    const pages = [...sets.reduce((one, other) => new Set([...one].filter((page) => other.has(page))))];
    const results = [];
    await Promise.all(pages.slice(0, 200).map(async (page) => {
      const [file, title] = table.pages[page];
      const rows = await load(`search/t${page}.js`, `t${page}`);
      for (const [anchor, heading, text] of rows) {
        const folded = fold(text);
        const value = score(wanted, anchor ? "" : fold(title), fold(heading), folded);
        if (value) results.push({ file, anchor, title, heading, text, value, page });
      }
    }));
    return results.sort((one, other) => other.value - one.value || one.page - other.page);
  }

  function marked(text, wanted) {
    const box = document.createElement("span");
    const folded = fold(text);
    const places = folded.length === text.length ? folded : text.toLowerCase();
    const first = Math.min(...wanted.map((term) => places.indexOf(term)).filter((at) => at >= 0), 1e9);
    let at = first === 1e9 ? 0 : Math.max(0, first - 24);
    const end = Math.min(text.length, at + 110);
    if (at) box.append("…");
    while (at < end) {
      const hits = wanted.map((term) => [places.indexOf(term, at), term.length]).filter(([hit]) => hit >= 0 && hit < end);
      if (!hits.length) break;
      const [hit, length] = hits.sort((one, other) => one[0] - other[0] || other[1] - one[1])[0];
      const mark = document.createElement("mark");
      mark.textContent = text.slice(hit, hit + length);
      box.append(text.slice(at, hit), mark);
      at = hit + length;
    }
    box.append(text.slice(at, end), end < text.length ? "…" : "");
    return box;
  }

  function resultItem(result, wanted) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = result.file + (result.anchor ? `#${encodeURIComponent(result.anchor)}` : "");
    link.textContent = result.heading && result.heading !== result.title
      ? `${result.title} › ${result.heading}` : result.title;
    const text = document.createElement("p");
    text.append(marked(result.text, wanted));
    item.append(link, text);
    return item;
  }

  function startSearch() {
    const dialog = byId("search"), input = byId("query"), list = byId("found"), count = byId("count");
    const open = () => { if (!dialog.open) dialog.showModal(); input.select(); };
    let turn = 0;
    byId("find").hidden = false;
    byId("find").addEventListener("click", open);
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    list.addEventListener("click", (event) => { if (event.target.closest("a")) dialog.close(); });
    input.addEventListener("input", async () => {
      const mine = ++turn;
      const wanted = terms(input.value);
      if (wanted.length) count.textContent = labels.searching;
      const results = await search(input.value).catch(() => []);
      if (mine !== turn) return;
      list.replaceChildren(...(results || []).slice(0, 50).map((item) => resultItem(item, wanted)));
      count.textContent = !results ? "" : results.length ? say("results", results.length) : labels.no_results;
    });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      const first = list.querySelector("a");
      if (first) first.click();
    });
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest("input, textarea, select, [contenteditable]");
      if ((event.key === "/" && !typing) || (event.key === "k" && (event.ctrlKey || event.metaKey))) {
        event.preventDefault();
        open();
      }
      if (typing || dialog.open || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      if (event.target.closest(".scroll, pre")) return;
      const step = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
      const link = step && document.querySelector(`.pager a[rel=${step}]`);
      if (link) link.click();
    });
  }

  // ---- the causal graph: the relations of the event under the pointer ----------------------

  function startDrawing(drawing) {
    const edges = [...drawing.querySelectorAll("[data-from]")];
    const nodes = [...drawing.querySelectorAll("[data-id]")];
    const focus = (id) => {
      const near = new Set([id]);
      for (const edge of edges) {
        const on = edge.dataset.from === id || edge.dataset.to === id;
        edge.classList.toggle("faint", Boolean(id) && !on);
        if (on) near.add(edge.dataset.from).add(edge.dataset.to);
      }
      for (const node of nodes) node.classList.toggle("faint", Boolean(id) && !near.has(node.dataset.id));
    };
    const over = (event) => {
      const node = event.target.closest("[data-id]");
      focus(node ? node.dataset.id : "");
    };
    drawing.addEventListener("pointerover", over);
    drawing.addEventListener("focusin", over);
    drawing.addEventListener("pointerleave", () => focus(""));
    drawing.addEventListener("focusout", () => focus(""));
  }

  addEventListener("DOMContentLoaded", () => {
    startAppearance();
    startCards();
    startSearch();
    document.querySelectorAll(".drawing").forEach(startDrawing);
    document.querySelector(".sidebar [aria-current]")?.scrollIntoView({ block: "nearest" });
  });
  addEventListener("keydown", (event) => { if (event.key === "Escape") hideCard(); });

  return {
    cards: (data) => arrived.set("cards", data),
    pages: (data) => arrived.set("pages", data),
    words: (number, data) => arrived.set(`w${number}`, data),
    texts: (number, data) => arrived.set(`t${number}`, data),
    search,
  };
})();
