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
    dialog.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      const links = [...list.querySelectorAll("a")];
      const at = links.indexOf(document.activeElement);
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.key === "Enter" && event.target === input) links[0]?.click();
      else if (step) (links[at + step] || (step < 0 ? input : links[at]))?.focus();
      else return;
      event.preventDefault();
    });
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest("input, textarea, select, [contenteditable]");
      if ((event.key === "/" && !typing) || (event.key === "k" && (event.ctrlKey || event.metaKey))) {
        event.preventDefault();
        open();
      }
    });
  }

  // ---- drawings: from event to event -------------------------------------------------------

  // The list below the causal graph says in words what a chosen event is joined with.
  function causesPanel(drawing, choose) {
    const list = drawing.closest("figure").nextElementSibling;
    if (!list || !list.matches(".causes-list")) return () => {};
    const panel = document.createElement("div");
    panel.className = "chosen";
    panel.setAttribute("role", "status");
    drawing.after(panel);
    return (id) => {
      const item = id && list.querySelector(`[data-id="${CSS.escape(id)}"]`);
      panel.replaceChildren();
      if (!item) return;
      panel.append(...item.cloneNode(true).childNodes);
      const head = panel.firstElementChild;
      head.title = labels.open_card;
      for (const line of panel.querySelectorAll("[data-to]")) {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = line.lastElementChild.textContent;
        button.addEventListener("click", () => choose(line.dataset.to));
        line.lastElementChild.replaceWith(button);
      }
    };
  }

  function startDrawing(drawing) {
    const edges = [...drawing.querySelectorAll("[data-from]")];
    const nodes = [...drawing.querySelectorAll("[data-id]")];
    const doors = nodes.map((node) => node.querySelector("a")).filter(Boolean);
    let chosen = "";

    const light = (id) => {
      const near = new Set([id]);
      for (const edge of edges) {
        const on = edge.dataset.from === id || edge.dataset.to === id;
        edge.classList.toggle("faint", Boolean(id) && !on);
        if (on) near.add(edge.dataset.from).add(edge.dataset.to);
      }
      const dim = Boolean(id) && edges.length > 0;
      for (const node of nodes) node.classList.toggle("faint", dim && !near.has(node.dataset.id));
    };
    const choose = (id) => {
      chosen = id;
      for (const node of nodes) node.classList.toggle("on", node.dataset.id === id);
      light(id);
      tell(id);
    };
    const tell = edges.length ? causesPanel(drawing, choose) : () => {};
    const idOf = (target) => target.closest("[data-id]")?.dataset.id || "";

    // One stop for the tab key; arrows go on from there.
    doors.forEach((door, place) => door.setAttribute("tabindex", place ? "-1" : "0"));
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
    drawing.addEventListener("keydown", (event) => {
      if (event.key === "Escape") choose("");
      const at = doors.indexOf(event.target.closest("a"));
      const next = at >= 0 && doors[at + step[event.key]];
      if (!next || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      doors[at].setAttribute("tabindex", "-1");
      next.setAttribute("tabindex", "0");
      next.focus();
    });
    drawing.addEventListener("pointerover", (event) => { if (!chosen) light(idOf(event.target)); });
    drawing.addEventListener("focusin", (event) => { if (!chosen) light(idOf(event.target)); });
    drawing.addEventListener("pointerleave", () => light(chosen));
    drawing.addEventListener("focusout", () => light(chosen));
    if (!edges.length) return;
    drawing.addEventListener("click", (event) => {
      const id = idOf(event.target);
      if (id && id === chosen) return;  // once more: the link is followed
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      hideCard();
      choose(id);
    });
  }

  // ---- filters of the timeline --------------------------------------------------------------

  function startFilter(form) {
    const items = [...document.querySelectorAll("ol.timeline > li")];
    const apply = () => {
      const wanted = [...new FormData(form)].filter(([, value]) => value);
      const gone = new Set();
      for (const item of items) {
        item.hidden = !wanted.every(([name, value]) => item.getAttribute(`data-${name}`) === value);
        if (item.hidden) gone.add(item.dataset.id);
      }
      for (const list of document.querySelectorAll("ol.timeline")) {
        list.hidden = list.previousElementSibling.hidden = !list.querySelector("li:not([hidden])");
      }
      for (const node of document.querySelectorAll(".drawing [data-id]")) {
        node.classList.toggle("out", gone.has(node.dataset.id));
      }
      for (const edge of document.querySelectorAll(".drawing [data-from]")) {
        edge.classList.toggle("out", gone.has(edge.dataset.from) || gone.has(edge.dataset.to));
      }
      byId("shown").textContent = say("events_shown", items.filter((item) => !item.hidden).length);
    };
    form.hidden = false;
    form.addEventListener("change", apply);
    form.addEventListener("reset", () => setTimeout(apply));
    form.addEventListener("submit", (event) => event.preventDefault());
    addEventListener("pageshow", apply);  // the browser has put back what was chosen
  }

  // ---- keyboard -----------------------------------------------------------------------------

  function startKeys() {
    const keys = byId("keys");
    const search = byId("search");
    keys.addEventListener("click", (event) => { if (event.target === keys) keys.close(); });
    document.addEventListener("keydown", (event) => {
      if (event.target.closest("input, textarea, select, [contenteditable]")) return;
      if (event.altKey || event.ctrlKey || event.metaKey || search.open || keys.open) return;
      if (event.key === "?") keys.showModal();
      if (event.key === "l") byId("appearance").click();
      if (event.shiftKey || event.target.closest(".scroll, pre, .drawing")) return;
      const step = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
      const link = step && document.querySelector(`.pager a[rel=${step}]`);
      if (link) link.click();
    });
  }

  addEventListener("DOMContentLoaded", () => {
    startAppearance();
    startCards();
    startSearch();
    startKeys();
    document.querySelectorAll(".drawing").forEach(startDrawing);
    document.querySelectorAll(".filter").forEach(startFilter);
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
