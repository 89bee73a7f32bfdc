"use strict";
/* The editor's report. Content becomes text nodes, never markup; what is shown follows from `state`,
   and the part of it that is worth sharing lives in the address. */

const DATA = JSON.parse(document.getElementById("data").textContent);
const VIEWS = ["overview", "findings", "causes", "timeline"];
const SEVERITIES = ["error", "warning", "info"];
const SVG = "http://www.w3.org/2000/svg";
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

const state = { view: "overview", severity: "", place: "", rule: "", state: "", group: "", q: "", at: "",
  event: "", expanded: false };
const FILTERS = ["severity", "place", "rule", "state", "q"];

// ---- elements -------------------------------------------------------------------------------

function fill(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(key, value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat(3).filter(child => child !== null && child !== undefined && child !== false));
  return node;
}
const el = (name, attributes = {}, ...children) => fill(document.createElement(name), attributes, children);
const svg = (name, attributes = {}, ...children) => fill(document.createElementNS(SVG, name), attributes, children);

/** Text in which `code` between backticks is code. */
function prose(text) {
  return text.split("`").map((part, at) => at % 2 && part ? el("code", {}, part) : part);
}

/** The shape of a severity: told apart without colour too. */
function mark(severity) {
  const shapes = { error: "M5 0 10 5 5 10 0 5z", warning: "M5 .6 10 9.4H0z", info: "M5 .8a4.2 4.2 0 1 0 .01 0z" };
  return svg("svg", { class: `mark ${severity}`, viewBox: "0 0 10 10", "aria-hidden": "true" },
    svg("path", { d: shapes[severity] }));
}

// ---- words ----------------------------------------------------------------------------------

let language = remembered("language") || DATA.language;

function t(key, ...values) {
  const text = DATA.words[language][key];
  return values.reduce((out, value, at) => out.split(`{${at}}`).join(value), text === undefined ? key : text);
}
/** A word by number: "1 error", "2 errors". */
function counted(key, number) {
  const one = DATA.words[language][`${key}_one`];
  return number === 1 && one ? one : t(key, format(number));
}
const format = number => number.toLocaleString("en");
const known = key => key in DATA.words[language] ? t(key) : key;

/** A title in the language of the page, marked with its own language. */
function title(item, name = "span") {
  const english = language === "en" && item.title_en;
  return el(name, { lang: english ? "en" : DATA.book_language, class: "title" }, english ? item.title_en : item.title);
}

function translate() {
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
  for (const node of $$("[data-word]")) node.textContent = t(node.dataset.word);
  for (const node of $$("[data-label]")) node.setAttribute("aria-label", t(node.dataset.label));
  for (const node of $$("[data-hint]")) node.placeholder = t(node.dataset.hint);
  $("#language").lang = language === "zh" ? "en" : "zh-Hans";
  document.title = `${language === "en" && DATA.title_en || DATA.title} · ${t("kicker")}`;
}

// ---- what the browser remembers -------------------------------------------------------------

function remembered(key) {
  try { return localStorage.getItem(`make-book-report-${key}`); } catch { return null; }
}
function remember(key, value) {
  try { localStorage.setItem(`make-book-report-${key}`, value); } catch { /* a private window */ }
}

function applyTheme(theme) {
  document.documentElement.dataset.theme = theme;
  const button = $("#theme");
  button.title = `${t("theme")}: ${t(`theme_${theme}`)}`;
  remember("theme", theme);
}
function nextTheme() {
  const themes = ["auto", "light", "dark"];
  applyTheme(themes[(themes.indexOf(document.documentElement.dataset.theme) + 1) % themes.length]);
}
function setLanguage(name) {
  language = name;
  remember("language", name);
  translate();
  applyTheme(document.documentElement.dataset.theme);
  draw();
}

// ---- places in the source -------------------------------------------------------------------

/** The book's folder as the path of a URL: next to this file, or where it was made. */
function root() {
  if (DATA.root !== null) return DATA.root;
  if (location.protocol !== "file:") return null;
  return new URL(`${DATA.above}/`, location.href).pathname.replace(/\/$/, "");
}
function editorURL(file, line = 1, column = 1) {
  const folder = root();
  if (!DATA.editor || folder === null) return null;
  const values = { path: `${folder}/${DATA.files[file].url}`, line, column };
  return DATA.editor.replace(/\{(path|line|column)\}/g, (_, key) => values[key]);
}
/** A place that opens in the editor; plain text where no editor is known. */
function placeLink(file, line, column, text) {
  const url = editorURL(file, line, column);
  const shown = text || (line ? `${DATA.files[file].path}:${line}` : DATA.files[file].path);
  if (!url) return el("span", { class: "place" }, shown);
  return el("a", { class: "place", href: url, title: t("open_editor") }, shown);
}

// ---- the address ----------------------------------------------------------------------------

/** The address of a view; findings keep the filters that hold unless others are given. */
function address(view, values) {
  const query = new URLSearchParams();
  const source = view === "findings" ? values || state : values || { event: state.event };
  for (const key of [...FILTERS, "group", "at", "event"]) if (source[key]) query.set(key, source[key]);
  const text = query.toString().replace(/%2F/g, "/").replace(/%40/g, "@").replace(/%2C/g, ",");
  return text ? `#${view}?${text}` : `#${view}`;
}
function readAddress() {
  const [view, text = ""] = location.hash.slice(1).split("?");
  const query = new URLSearchParams(text);
  state.view = VIEWS.includes(view) ? view : "overview";
  if (state.view === "findings") {
    for (const key of [...FILTERS, "group", "at"]) state[key] = query.get(key) || "";
  } else if (state.view !== "overview") state.event = query.get("event") || "";
}
/** Put the state into the address without a step in the history. */
function writeAddress() {
  history.replaceState(null, "", address(state.view));
  linkViews();
}
function linkViews() {
  for (const link of $$("nav [data-view]")) {
    link.setAttribute("href", address(link.dataset.view));
    if (link.dataset.view === state.view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

// ---- drawing --------------------------------------------------------------------------------

const painters = {}; // view → function that draws it, from the other parts

function draw() {
  drawMeta();
  for (const view of VIEWS) $(`#view-${view}`).hidden = view !== state.view;
  linkViews();
  painters[state.view]();
}

function drawMeta() {
  const words = DATA.chapters.reduce((sum, chapter) => sum + chapter.words, 0);
  const facts = [counted("meta_chapters", DATA.chapters.length)];
  if (DATA.events.length) facts.push(counted("meta_cards", DATA.events.length));
  facts.push(t("meta_words", format(words)));
  if (DATA.revision) facts.push(t("meta_at", DATA.revision.short, DATA.revision.date));
  const made = new Date(document.lastModified);
  if (location.protocol === "file:" && !isNaN(made)) {
    const two = number => String(number).padStart(2, "0");
    facts.push(t("meta_made", `${made.getFullYear()}-${two(made.getMonth() + 1)}-${two(made.getDate())} `
      + `${two(made.getHours())}:${two(made.getMinutes())}`));
  }
  $("#meta").replaceChildren(...facts.map(fact => el("span", {}, fact)));
}

function navigate() {
  const before = state.view;
  readAddress();
  draw();
  if (before !== state.view) scrollTo(0, Math.min(scrollY, $(".bar").offsetTop));
}

// ---- rule pages -----------------------------------------------------------------------------

function showRule(code) {
  const rule = DATA.rules[code];
  $("#rule-title").replaceChildren(el("span", { class: "code" }, code), ` ${rule.name}`);
  const blocks = rule.sections.map(([heading, parts]) => [el("h3", {}, t(heading)), parts.map(([kind, text]) =>
    kind === "code" ? el("pre", { tabindex: "0" }, text) : el("p", { class: kind === "li" ? "item" : null }, prose(text)))]);
  $("#rule-page").replaceChildren(...blocks.flat(2));
  $("#rule-page").lang = "en";
  for (const heading of $$("#rule-page h3")) heading.lang = language === "zh" ? "zh-Hans" : "en";
  $("#rule-findings").href = address("findings", { rule: code });
  $("#rule-dialog").showModal();
}
const ruleButton = code => el("button", { type: "button", class: "code", title: t("about_rule"), click: () => showRule(code) }, code);

// ---- keys -----------------------------------------------------------------------------------

const keys = {
  1: () => { location.hash = address(VIEWS[0]); },
  2: () => { location.hash = address(VIEWS[1]); },
  3: () => { location.hash = address(VIEWS[2]); },
  4: () => { location.hash = address(VIEWS[3]); },
  d: nextTheme,
  l: () => setLanguage(language === "zh" ? "en" : "zh"),
  "?": () => $("#keys-dialog").showModal(),
};

function onKey(event) {
  const field = event.target.closest("input, select, textarea");
  if (event.key === "Escape" && field) field.blur();
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || field) return;
  if ($("dialog[open]") || !$("#keys-on").checked) return;
  const action = keys[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}

// ---- beginning ------------------------------------------------------------------------------

function begin() {
  document.documentElement.dataset.theme = remembered("theme") || "auto";
  $("#keys-on").checked = remembered("keys") !== "off";
  translate();
  applyTheme(document.documentElement.dataset.theme);
  $("#language").addEventListener("click", keys.l);
  $("#theme").addEventListener("click", nextTheme);
  $("#keys").addEventListener("click", keys["?"]);
  $("#keys-on").addEventListener("change", event => remember("keys", event.target.checked ? "on" : "off"));
  $("#skip").addEventListener("click", event => { event.preventDefault(); $("#main").focus(); });
  $("#rule-findings").addEventListener("click", () => $("#rule-dialog").close());
  for (const dialog of $$("dialog")) {
    dialog.addEventListener("click", event => { if (event.target === dialog) dialog.close(); });
  }
  addEventListener("hashchange", navigate);
  addEventListener("keydown", onKey);
  addEventListener("beforeprint", () => VIEWS.forEach(view => painters[view](true)));
  addEventListener("afterprint", draw);
  prepareFindings();
  preparePictures();
  readAddress();
  draw();
}
document.addEventListener("DOMContentLoaded", begin);
