// The preview: findings beside their paragraphs, the way to the source, the PDF, live reload.
"use strict";

(() => {
  const OWN = "/~preview/";
  const KEPT = "make-book-preview";
  const digest = document.currentScript.dataset.digest;
  const here = decodeURIComponent(location.pathname.slice(1)) || "index.html";
  let state = null;
  let words = {};

  const kept = { panel: true, paper: false, ...JSON.parse(sessionStorage.getItem(KEPT) || "{}") };
  const keep = (change) => sessionStorage.setItem(KEPT, JSON.stringify(Object.assign(kept, change)));

  function make(name, className, ...content) {
    const element = document.createElement(name);
    if (className) element.className = className;
    element.append(...content);
    return element;
  }

  function button(className, label, act) {
    const element = make("button", className, label);
    element.type = "button";
    element.addEventListener("click", act);
    return element;
  }

  const ICONS = {
    copy: "M9 9h10v11H9zM15 9V4H5v11h4",
    done: "M5 12.5 10 18 19 7",
    go: "M4 12h13m-6-6 6 6-6 6M21 5v14",
    hide: "M6 6l12 12M18 6 6 18",
    pen: "M4 20l1-5L16 4l4 4L9 19zM14 6l4 4",
  };

  function icon(name) {
    const space = "http://www.w3.org/2000/svg";
    const drawing = document.createElementNS(space, "svg");
    drawing.setAttribute("viewBox", "0 0 24 24");
    drawing.setAttribute("aria-hidden", "true");
    drawing.append(document.createElementNS(space, "path"));
    drawing.firstChild.setAttribute("d", ICONS[name]);
    return drawing;
  }

  // Messages quote what stands in the source between backquotes.
  function said(text) {
    const parts = text.split("`");
    if (parts.length % 2 === 0) return [text];
    return parts.map((part, at) => (at % 2 ? make("code", "", part) : part));
  }

  // ---- places in the sources --------------------------------------------------------------

  const blocks = [...document.querySelectorAll("main [data-source]")].map((element) => {
    const [, path, line, column] = element.dataset.source.match(/^(.*):(\d+):(\d+)$/s);
    return { element, path, line: Number(line), column: Number(column) };
  });
  const paths = new Set(blocks.map((block) => block.path));

  const isHere = (finding) => paths.has(finding.path) || state.pages[finding.path] === here;

  // The block that a finding is in: the last that begins before it; the title for front matter.
  function blockOf(finding) {
    const before = blocks.filter((block) => block.path === finding.path
      && (block.line < finding.line || (block.line === finding.line && block.column <= finding.column)));
    const nearest = before.sort((one, other) => one.line - other.line || one.column - other.column).pop();
    return nearest ? nearest.element : document.querySelector("main h1");
  }

  const placeOf = (item) => `${item.path}:${item.line}`;

  function address(item) {
    const path = `${state.root}/${item.path}`.split("/").map(encodeURIComponent).join("/");
    const values = { path, line: item.line, column: item.column };
    return state.editor.replace(/\{(path|line|column)\}/g, (whole, name) => values[name]);
  }

  function sourceLink(item) {
    const link = make(state.editor ? "a" : "span", "mb-place", placeOf(item).split("/").pop());
    link.title = `${words.open}: ${placeOf(item)}`;
    if (state.editor) link.href = address(item);
    return link;
  }

  function copier(item) {
    const copy = button("mb-copy", icon("copy"), async () => {
      await navigator.clipboard.writeText(placeOf(item));
      copy.replaceChildren(icon("done"));
      copy.title = words.copied;
    });
    copy.title = words.copy;
    copy.setAttribute("aria-label", `${words.copy} ${placeOf(item)}`);
    return copy;
  }

  // ---- the panel --------------------------------------------------------------------------

  const panel = make("aside", "mb-panel");
  const trouble = make("div", "mb-trouble");
  const shut = button("mb-shut", "", () => { keep({ panel: true }); render(); });
  trouble.setAttribute("role", "alert");
  shut.hidden = panel.hidden = trouble.hidden = true;

  function detail(finding) {
    const item = make("li", `mb-finding mb-${finding.severity}`);
    const title = make("p", "mb-title", make("span", "mb-level", words[finding.severity]), " ", ...said(finding.message));
    const where = make("p", "mb-where", sourceLink(finding), copier(finding), make("code", "", finding.code));
    item.id = `mb-${finding.id}`;
    item.append(title, where);
    if (finding.help) item.append(make("p", "mb-help", `${words.help}${words.colon}`, ...said(finding.help)));
    if (finding.fix) item.append(make("p", "mb-help", words[finding.fix]));
    const silence = make("details", "mb-silence", make("summary", "", words.silence), make("code", "", finding.silence));
    item.append(silence);
    return item;
  }

  function hereItem(finding) {
    const item = detail(finding);
    const block = blockOf(finding);
    const go = button("mb-go", icon("go"), () => reveal(block));
    go.setAttribute("aria-label", `${words.show_text}: ${finding.message}`);
    go.title = words.show_text;
    item.querySelector(".mb-where").prepend(go);
    for (const [event, on] of [["pointerenter", true], ["pointerleave", false]]) {
      item.addEventListener(event, () => block.classList.toggle("mb-near", on));
    }
    return item;
  }

  function reveal(block) {
    block.scrollIntoView({ block: "center" });
    document.querySelectorAll(".mb-near").forEach((other) => other.classList.remove("mb-near"));
    block.classList.add("mb-near");
  }

  function fileGroup(path, findings) {
    const group = make("details", "mb-file", make("summary", "", `${path} (${findings.length})`));
    const file = state.pages[path];
    if (file) {
      const link = make("a", "", words.show_page);
      link.href = `/${file}`;
      group.append(make("p", "mb-page", link));
    }
    group.append(make("ol", "", ...findings.map(detail)));
    return group;
  }

  function lists() {
    const own = state.findings.filter(isHere);
    const others = byFile(state.findings.filter((item) => !isHere(item)));
    const result = [make("h2", "", words.this_page)];
    result.push(own.length ? make("ol", "", ...own.map(hereItem)) : make("p", "mb-none", words.none_here));
    if (others.size) {
      result.push(make("h2", "", words.elsewhere));
      for (const [path, findings] of others) result.push(fileGroup(path, findings));
    }
    return result;
  }

  function byFile(findings) {
    const groups = new Map();
    for (const item of findings) groups.set(item.path, [...(groups.get(item.path) || []), item]);
    return groups;
  }

  function tab(name, label, on) {
    const element = button("mb-tab", label, () => {
      keep({ paper: name === "paper" });
      if (kept.paper) askForPaper();
      render();
    });
    element.setAttribute("aria-pressed", String(on));
    return element;
  }

  function head() {
    const hide = button("mb-hide", icon("hide"), () => { keep({ panel: false }); render(); });
    hide.setAttribute("aria-label", words.hide);
    return make("div", "mb-head",
      tab("findings", `${words.findings} ${state.findings.length}`, !kept.paper),
      tab("paper", words.paper, kept.paper), hide);
  }

  function renderTrouble() {
    trouble.hidden = !state.trouble.length;
    trouble.replaceChildren(...state.trouble.map((item) => {
      const line = make("p", "", ...said(item.message));
      if (item.path) line.prepend(sourceLink(item), " ");
      if (item.help) line.append(make("br"), ...said(item.help));
      return line;
    }));
    if (state.trouble.some((item) => item.path)) trouble.append(make("p", "", words.stale));
  }

  // ---- marks in the text ------------------------------------------------------------------

  const RANK = ["error", "warning", "info"];

  function renderMarks() {
    document.querySelectorAll(".mb-mark").forEach((mark) => mark.remove());
    document.querySelectorAll(".mb-marked").forEach((block) => block.classList.remove("mb-marked", ...RANK.map((name) => `mb-${name}`)));
    const found = new Map();
    for (const finding of state.findings.filter(isHere)) {
      const block = blockOf(finding);
      if (block) found.set(block, [...(found.get(block) || []), finding]);
    }
    for (const [block, findings] of found) {
      const worst = RANK.find((name) => findings.some((item) => item.severity === name));
      const mark = button(`mb-mark mb-${worst}`, String(findings.length), () => point(findings[0]));
      mark.title = findings.map((item) => `${item.code} ${item.message}`).join("\n");
      mark.setAttribute("aria-label", `${words.findings}: ${findings.length}`);
      block.classList.add("mb-marked", `mb-${worst}`);
      block.append(mark);
    }
  }

  function point(finding) {
    keep({ panel: true, paper: false });
    render();
    const item = document.getElementById(`mb-${finding.id}`);
    item.scrollIntoView({ block: "nearest" });
    item.tabIndex = -1;
    item.focus();
  }

  // ---- the way to the source of any paragraph ---------------------------------------------

  const pen = make("a", "mb-pen", icon("pen"));
  pen.hidden = true;
  pen.tabIndex = -1;
  pen.setAttribute("aria-hidden", "true");

  function sourceOf(element) {
    const block = blocks.find((item) => item.element === element.closest("main [data-source]"));
    return block && state && state.editor ? block : null;
  }

  document.addEventListener("pointerover", (event) => {
    if (pen.contains(event.target)) return;
    const block = sourceOf(event.target);
    pen.hidden = !block;
    if (!block) return;
    const box = block.element.getBoundingClientRect();
    pen.href = address(block);
    pen.title = `${words.open}: ${placeOf(block)}`;
    pen.style.top = `${box.top + scrollY}px`;
    pen.style.left = `${Math.min(box.right + 2, document.body.getBoundingClientRect().right - 30) + scrollX}px`;
  });

  document.addEventListener("click", (event) => {
    const block = event.altKey && sourceOf(event.target);
    if (!block) return;
    event.preventDefault();
    location.href = address(block);
  });

  // ---- the PDF ----------------------------------------------------------------------------

  const paper = make("div", "mb-paper");
  const frame = document.createElement("iframe");
  let stamp = "";

  const askForPaper = () => { if (state.paper.state !== "ready") fetch(`${OWN}pdf`, { method: "POST" }); };

  // The last target above the middle of the window, by its name in the PDF: plain ASCII, as
  // viewers do not agree on how to look up others.
  function anchor() {
    const named = [...document.querySelectorAll("main :is(section, article, [id*='.at-'])[id]")]
      .filter((element) => /^[!-~]+$/.test(element.id));
    const above = named.filter((element) => element.getBoundingClientRect().top < innerHeight / 2);
    return (above.pop() || named[0] || { id: "" }).id;
  }

  function renderPaper() {
    const { state: progress, message, stamp: now } = state.paper;
    const said = { making: words.making, failed: `${words.failed}: ${message}` }[progress] || "";
    const status = make("p", "mb-status", said);
    status.setAttribute("role", "status");
    frame.title = words.paper;
    if (now && now !== stamp) {
      stamp = now;
      frame.src = `${OWN}book.pdf?${stamp}#navpanes=0&view=FitH&nameddest=${encodeURIComponent(anchor())}`;
    }
    if (!frame.isConnected) paper.replaceChildren(status, frame);
    else paper.firstChild.replaceWith(status);
    frame.hidden = !stamp;
  }

  // ---- all of it --------------------------------------------------------------------------

  function render() {
    words = state.words;
    const root = document.documentElement;
    root.classList.toggle("mb-open", kept.panel);
    root.classList.toggle("mb-wide", kept.panel && kept.paper);
    panel.setAttribute("aria-label", words.panel);
    panel.hidden = !kept.panel;
    shut.hidden = kept.panel;
    shut.textContent = `${words.findings} ${state.findings.length}`;
    shut.title = words.show;
    const body = kept.paper ? [paper] : [make("div", "mb-lists", ...lists())];
    panel.replaceChildren(head(), ...body);
    renderTrouble();
    renderMarks();
    if (kept.paper && kept.panel) {
      if (state.paper.state === "none") askForPaper();
      renderPaper();
    }
  }

  async function sync() {
    const [answer, page] = await Promise.all([
      fetch(`${OWN}state.json`), fetch(location.pathname, { method: "HEAD" }),
    ]);
    const now = page.ok ? page.headers.get("ETag") : "gone";
    if (now !== digest) {
      location.reload();
      return;
    }
    state = await answer.json();
    render();
  }

  // A stream for each tab would use up the connections that a browser has: hidden tabs let go.
  let stream = null;

  function listen() {
    stream = new EventSource(`${OWN}events`);
    stream.onmessage = sync;
    stream.onerror = () => {
      if (!state) return;
      state.trouble = [{ message: words.ended }];
      renderTrouble();
    };
  }

  function start() {
    document.body.append(trouble, panel, shut, pen);
    listen();
    document.addEventListener("visibilitychange", () => {
      stream.close();
      if (!document.hidden) listen();
    });
  }

  if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
  else start();
})();
