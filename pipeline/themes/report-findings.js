/* The findings: filters, the list, going through it with j and k. */

const CHUNK = 200; // findings that are put on the page at a time
let limit = CHUNK;
let shown = []; // the findings that pass the filters, in the order of the page

// ---- filters --------------------------------------------------------------------------------

function isNamed(names, value, prefix = false) {
  return !names || names.split(",").some(name => prefix ? value.startsWith(name) : value === name);
}
const placeAt = finding => DATA.files[finding.file].place;
const placeOf = finding => DATA.places[DATA.files[finding.file].place].id;

function inState(finding) {
  switch (state.state) {
    case "new": return finding.new && !finding.suppressed;
    case "known": return !finding.new && !finding.suppressed;
    case "fixable": return !finding.suppressed && finding.fix && finding.fix.kind !== "display";
    case "suppressed": return Boolean(finding.suppressed);
    default: return !finding.suppressed;
  }
}
function haystack(finding) {
  if (!finding.haystack) {
    const text = [finding.code, DATA.rules[finding.code].name, finding.message, finding.help, DATA.files[finding.file].path,
      DATA.files[finding.file].title, ...(finding.lines || []).filter(line => line[2] !== null).map(line => line.slice(1).join(""))];
    finding.haystack = text.join("\n").toLowerCase();
  }
  return finding.haystack;
}
function passes(finding, except = "") {
  const on = key => key === except ? "" : state[key];
  const words = on("q").toLowerCase().split(/\s+/);
  return isNamed(on("severity"), finding.severity) && isNamed(on("rule"), finding.code, true)
    && (isNamed(on("place"), placeOf(finding)) || isNamed(on("place"), DATA.files[finding.file].path))
    && words.every(word => haystack(finding).includes(word));
}
function pool() {
  return state.state === "mended" ? DATA.mended : DATA.findings.filter(inState);
}

function prepareFindings() {
  for (const name of ["place", "rule", "state", "group"]) {
    $(`#${name}`).addEventListener("change", event => filter({ [name]: event.target.value }));
  }
  $("#q").addEventListener("input", event => filter({ q: event.target.value }));
  $("#filters").addEventListener("submit", event => event.preventDefault());
  $("#clear").addEventListener("click", clearFilters);
  $("#expand").addEventListener("click", toggleAll);
}
function filter(values) {
  Object.assign(state, values, { at: "" });
  limit = CHUNK;
  writeAddress();
  drawFindings();
}
const clearFilters = () => filter({ severity: "", place: "", rule: "", state: "", q: "" });

function toggleSeverity(name) {
  const chosen = new Set(state.severity ? state.severity.split(",") : []);
  if (!chosen.delete(name)) chosen.add(name);
  filter({ severity: chosen.size === SEVERITIES.length ? "" : SEVERITIES.filter(item => chosen.has(item)).join(",") });
}
function toggleAll() {
  state.expanded = !state.expanded;
  drawFindings();
}

// ---- the form -------------------------------------------------------------------------------

const option = (value, text, chosen) => el("option", { value, selected: value === chosen }, text);

function drawForm() {
  const items = pool();
  if ($("#q").value !== state.q) $("#q").value = state.q;
  drawSeverities(items);
  drawPlaces(items);
  drawRules(items);
  const states = ["", ...(DATA.compared ? ["new", "known"] : []), ...(DATA.base ? ["mended"] : []), "fixable", "suppressed"];
  $("#state").replaceChildren(...states.map(name => option(name, name ? t(name) : t("state_open"), state.state)));
  $("#group").replaceChildren(option("", t("by_file"), state.group), option("rule", t("by_code"), state.group));
  $("#clear").hidden = !FILTERS.some(key => state[key]);
  $("#expand").textContent = t(state.expanded ? "collapse" : "expand");
}
function drawSeverities(items) {
  const focused = document.activeElement.dataset && document.activeElement.dataset.severity;
  const left = items.filter(item => passes(item, "severity"));
  $("#severities").replaceChildren(...SEVERITIES.map(name => {
    const count = left.filter(item => item.severity === name).length;
    return el("button", { type: "button", class: "chip", "data-severity": name, click: () => toggleSeverity(name),
      "aria-pressed": String(Boolean(state.severity) && isNamed(state.severity, name)) }, mark(name), t(name),
      el("span", { class: "number" }, format(count)));
  }));
  if (focused) $(`[data-severity="${focused}"]`).focus();
}
function drawPlaces(items) {
  const counts = new Map();
  for (const item of items.filter(item => passes(item, "place"))) counts.set(placeOf(item), (counts.get(placeOf(item)) || 0) + 1);
  const options = DATA.places.filter(place => counts.has(place.id) || isNamed(state.place || "-", place.id)).map(place =>
    option(place.id, `${place.number ? `${place.number}  ` : ""}${language === "en" && place.title_en || place.title} (${counts.get(place.id) || 0})`, state.place));
  const listed = !state.place || DATA.places.some(place => place.id === state.place);
  $("#place").replaceChildren(option("", t("all_places"), state.place), ...options,
    ...(listed ? [] : [option(state.place, state.place, state.place)]));
}
function drawRules(items) {
  const counts = new Map();
  for (const item of items.filter(item => passes(item, "rule"))) counts.set(item.code, (counts.get(item.code) || 0) + 1);
  const families = new Map();
  for (const code of [...counts.keys()].sort()) {
    const family = code.match(/^[A-Z]*/)[0];
    families.set(family, [...families.get(family) || [], code]);
  }
  const groups = [...families].map(([family, codes]) => el("optgroup", { label: family },
    codes.length > 1 ? option(family, t("all_of", family), state.rule) : null,
    codes.map(code => option(code, `${code} ${DATA.rules[code].name} (${counts.get(code)})`, state.rule))));
  const listed = !state.rule || counts.has(state.rule) || (families.get(state.rule) || []).length > 1;
  $("#rule").replaceChildren(option("", t("all_rules"), state.rule), ...groups,
    ...(listed ? [] : [option(state.rule, state.rule, state.rule)]));
}

// ---- the list -------------------------------------------------------------------------------

painters.findings = print => {
  if (print === true) limit = Infinity;
  drawFindings();
  if (state.at && print !== true) showAt();
};

function drawFindings() {
  const all = pool();
  const byRule = state.group === "rule";
  shown = all.filter(item => passes(item));
  shown.sort((one, two) => byRule && one.code.localeCompare(two.code) || placeAt(one) - placeAt(two)); // stable: else by path and line
  const place = shown.findIndex(item => item.id === state.at);
  limit = Math.max(limit, place + 1);
  drawForm();
  $("#count").textContent = t("shown", format(shown.length), format(all.length));
  const groups = [];
  for (const item of shown.slice(0, limit)) {
    const key = byRule ? item.code : item.file;
    if (!groups.length || groups[groups.length - 1].key !== key) groups.push({ key, items: [] });
    groups[groups.length - 1].items.push(item);
  }
  const rest = shown.length - limit;
  $("#list").replaceChildren(
    ...(state.state === "mended" ? [el("p", { class: "note" }, t("mended_note"))] : []),
    ...groups.map(group => groupOf(group, byRule)),
    ...(shown.length ? [] : [el("p", { class: "empty" }, DATA.findings.length ? t("nothing") : t("clean"))]),
    ...(rest > 0 ? [el("button", { type: "button", class: "more", click: showMore }, t("more", format(Math.min(rest, CHUNK))))] : []));
}
function showMore() {
  limit += CHUNK;
  drawFindings();
}

function groupOf({ key, items }, byRule) {
  const file = DATA.files[key];
  const heading = byRule
    ? el("h3", {}, ruleButton(key), " ", el("span", { lang: "en" }, DATA.rules[key].name))
    : el("h3", {}, file.title ? title(file) : null,
      el("span", { class: "path" }, file.path));
  return el("section", { class: "group" }, el("header", {}, heading, tally(items)),
    el("ol", {}, items.map(item => item.lines ? findingOf(item, byRule) : pastOf(item))));
}
function tally(items) {
  return el("p", { class: "tally" }, SEVERITIES.map(name => {
    const count = items.filter(item => item.severity === name).length;
    return count ? el("span", { class: "count-of" }, mark(name), format(count), el("span", { class: "sr" }, ` ${t(name)}`)) : null;
  }));
}

function findingOf(item, byRule) {
  const open = state.expanded || state.at === item.id;
  const more = el("div", { class: "details", id: `details-${item.id}`, hidden: !open });
  const source = el("div", { class: "source" });
  const toggle = el("button", { type: "button", class: "toggle", "aria-expanded": String(open),
    "aria-controls": more.id, click: () => expand(item) },
    mark(item.severity), el("span", { class: "sr" }, `${counted(item.severity, 1)} `),
    el("span", { class: "message", lang: "en" }, prose(item.message)));
  const node = el("li", { class: `finding ${item.severity}`, id: `finding-${item.id}`, "data-id": item.id },
    el("div", { class: "head" }, toggle, el("p", { class: "facts" },
      tags(item), byRule ? null : ruleButton(item.code),
      placeLink(item.file, item.line, item.column, byRule ? null : t("line", item.line)))),
    source,
    item.help ? el("p", { class: "help", lang: "en" }, el("span", { class: "sr", lang: language === "zh" ? "zh-Hans" : "en" }, `${t("help")} `), prose(item.help)) : null,
    more);
  fillFinding(node, item, open);
  return node;
}
function pastOf(item) {
  return el("li", { class: `finding past ${item.severity}` }, el("div", { class: "head" },
    el("p", { class: "toggle" }, mark(item.severity), el("span", { class: "message", lang: "en" }, prose(item.message || DATA.rules[item.code].name))),
    el("p", { class: "facts" }, ruleButton(item.code), item.line ? el("span", { class: "place" }, t("line", item.line)) : null)));
}
function tags(item) {
  const tag = (name, text) => el("span", { class: `tag ${name}` }, text);
  return [item.new ? tag("new", t("new")) : null, item.suppressed ? tag("suppressed", t("suppressed")) : null,
    item.fix && item.fix.kind === "safe" ? tag("fixable", t("fixable")) : null,
    item.fix && item.fix.kind === "unsafe" ? tag("fixable", t("fixable_unsafe")) : null];
}

// ---- one finding ----------------------------------------------------------------------------

function fillFinding(node, item, open) {
  const lines = open ? item.lines : item.lines.filter(line => line[2] !== null).slice(0, 1);
  $(".source", node).replaceChildren(...lines.map(line => lineOf(line, open)));
  const details = $(".details", node);
  if (open && !details.firstChild) details.append(...detailsOf(item).filter(Boolean));
  details.hidden = !open;
}
const clipStart = (text, count) => { const chars = [...text]; return chars.length > count ? `…${chars.slice(-count).join("")}` : text; };
const clipEnd = (text, count) => { const chars = [...text]; return chars.length > count ? `${chars.slice(0, count).join("")}…` : text; };

function lineOf([number, before, marked, after], open) {
  if (marked !== null && !open) [before, marked, after] = [clipStart(before, 40), clipEnd(marked, 90), clipEnd(after, 40)];
  const body = marked === null ? [before] : [before, el("mark", { class: marked ? null : "caret" }, marked), after];
  return el("div", { class: marked === null ? "row" : "row here" }, el("span", { class: "n", "aria-hidden": "true" }, number),
    el("code", { lang: DATA.book_language }, body));
}

function detailsOf(item) {
  return [
    item.related.length ? block("related", el("ul", { class: "related" }, item.related.map(other => el("li", {},
      placeLink(other.file, other.line, other.column), el("span", { lang: "en" }, prose(other.message)),
      other.text ? el("code", { class: "quote", lang: DATA.book_language }, other.text) : null)))) : null,
    item.fix ? fixOf(item.fix) : null,
    item.suppressed ? block("suppressed", el("p", {}, item.suppressed)) : block("silence",
      el("p", {}, el("code", {}, item.silence), el("span", { class: "aside" }, t("silence_hint")))),
    el("p", { class: "actions" }, editorURL(item.file) ? el("a", { class: "button", href: editorURL(item.file, item.line, item.column) }, t("open_editor")) : null,
      el("button", { type: "button", click: event => copyPlace(event.target, item) }, t("copy")),
      el("button", { type: "button", click: () => showRule(item.code) }, `${t("about_rule")} ${item.code}`)),
  ];
}
const block = (name, ...children) => el("section", { class: "block" }, el("h4", {}, known(name)), children);

function fixOf(fix) {
  const command = { safe: "make-book fix", unsafe: "make-book fix --unsafe" }[fix.kind];
  const edits = fix.edits.map(edit => el("div", { class: "edit" }, el("span", { class: "n" }, edit.line),
    el("code", { lang: DATA.book_language }, edit.before, edit.old ? el("del", {}, edit.old) : null,
      edit.new ? el("ins", {}, edit.new) : null, edit.after)));
  return block(`fix_${fix.kind}`, el("div", { class: "source" }, edits),
    fix.more ? el("p", {}, t("fix_more", fix.more)) : null,
    command ? el("p", {}, el("span", { class: "aside" }, t("fix_with")), " ", el("code", {}, command)) : null);
}
function copyPlace(button, item) {
  const done = () => { button.textContent = t("copied"); setTimeout(() => { button.textContent = t("copy"); }, 1500); };
  navigator.clipboard.writeText(`${DATA.files[item.file].path}:${item.line}:${item.column}`).then(done, () => {});
}

function expand(item, open) {
  const node = document.getElementById(`finding-${item.id}`);
  const button = $(".toggle", node);
  const now = open === undefined ? button.getAttribute("aria-expanded") !== "true" : open;
  button.setAttribute("aria-expanded", String(now));
  fillFinding(node, item, now);
  select(now ? item.id : "");
}
function select(id) {
  state.at = id;
  for (const node of $$(".finding.at")) node.classList.remove("at");
  const node = id && document.getElementById(`finding-${id}`);
  if (node) node.classList.add("at");
  writeAddress();
}
function showAt() {
  const node = document.getElementById(`finding-${state.at}`);
  if (!node) return;
  node.classList.add("at");
  node.scrollIntoView({ block: "center" });
}

// ---- keys -----------------------------------------------------------------------------------

function step(by) {
  if (state.view !== "findings") { location.hash = address("findings"); return; }
  const items = shown.filter(item => item.lines);
  if (!items.length) return;
  const at = items.findIndex(item => item.id === state.at);
  const next = items[at < 0 ? (by > 0 ? 0 : items.length - 1) : Math.min(items.length - 1, Math.max(0, at + by))];
  if (at >= 0 && next !== items[at] && !state.expanded) expand(items[at], false);
  if (!document.getElementById(`finding-${next.id}`)) { limit += CHUNK; drawFindings(); }
  expand(next, true);
  const node = document.getElementById(`finding-${next.id}`);
  $(".toggle", node).focus({ preventScroll: true });
  node.scrollIntoView({ block: "nearest" });
}
const chosen = () => shown.find(item => item.id === state.at && item.lines);

Object.assign(keys, {
  j: () => step(1),
  k: () => step(-1),
  o: () => chosen() && expand(chosen()),
  e: () => { const item = chosen(); if (item && editorURL(item.file)) location.href = editorURL(item.file, item.line, item.column); },
  a: () => { if (state.view === "findings") toggleAll(); },
  x: () => { if (state.view === "findings") clearFilters(); },
  "/": () => focusFilter("#q"),
  f: () => focusFilter("#severities button"),
});
function focusFilter(selector) {
  if (state.view !== "findings") { location.hash = address("findings"); navigate(); }
  $(selector).focus();
}
