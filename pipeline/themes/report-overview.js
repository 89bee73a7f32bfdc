/* The overview: the verdict, the chapters, the rules, events and sources. */

const isOpen = finding => !finding.suppressed;

painters.overview = () => {
  $("#view-overview").replaceChildren(verdict(), chapterSection(), ...elsewhere(), ruleSection(), ...evidence());
};

function section(name, ...children) {
  return el("section", { class: `part ${name}` }, el("h2", {}, t(name)), children);
}
/** A bar of some share of its track; the width is set by the object model, as the policy asks. */
function bar(name, share, from = 0) {
  const node = el("span", { class: `fill ${name}` });
  node.style.insetInlineStart = `${100 * Math.min(1, from)}%`;
  node.style.inlineSize = `${100 * Math.min(1 - from, share)}%`;
  return node;
}
const ratio = (part, whole) => whole ? part / whole : 0;

// ---- the verdict ----------------------------------------------------------------------------

function verdict() {
  const found = DATA.findings.filter(isOpen);
  const figures = SEVERITIES.map(name => {
    const count = found.filter(item => item.severity === name).length;
    return el("a", { class: `figure ${name}`, href: address("findings", { severity: name }) },
      el("b", {}, format(count)), el("span", { class: "name" }, mark(name), counted(name, count)), change(name));
  });
  return el("section", { class: "verdict", "aria-label": t("findings") }, el("div", { class: "figures" }, figures),
    found.length ? null : el("p", { class: "since" }, t("clean")), since());
}
function change(severity) {
  if (!DATA.base) return null;
  const more = DATA.findings.filter(item => isOpen(item) && item.new && item.severity === severity).length;
  const less = DATA.mended.filter(item => item.severity === severity).length;
  return el("span", { class: "change" }, more ? el("span", {}, `+${more}`, el("span", { class: "sr" }, ` ${t("new")}`)) : null,
    less ? el("span", {}, `−${less}`, el("span", { class: "sr" }, ` ${t("mended")}`)) : null, more || less ? null : "±0");
}
function since() {
  if (!DATA.base) return null;
  const { kind, name, date, subject, known: still } = DATA.base;
  const more = DATA.findings.filter(item => isOpen(item) && item.new).length;
  const fact = (key, count) => el("a", { href: address("findings", { state: key }) }, `${t(key)} `, el("b", {}, format(count)));
  return el("p", { class: "since" }, el("span", {}, kind === "revision" ? t("since_revision", name, date, subject) : t("since_baseline", name)),
    fact("new", more), fact("known", still), fact("mended", DATA.mended.length));
}

// ---- chapters -------------------------------------------------------------------------------

function cell(label, attributes, ...children) {
  return el("td", { role: "cell", ...attributes }, label ? el("span", { class: "label", "aria-hidden": "true" }, label) : null, children);
}
function chapterSection() {
  if (!DATA.chapters.length) return "";
  const most = Math.max(...DATA.chapters.map(chapter => Math.max(chapter.words, chapter.target ? chapter.target[1] : 0))) * 1.04;
  const heads = ["chapter", "stage", "length", "cited_sections", "unsourced", "findings"];
  const rows = [];
  DATA.chapters.forEach((chapter, at) => {
    const before = at && DATA.chapters[at - 1];
    if (chapter.part && (!before || before.part !== chapter.part)) {
      rows.push(el("tr", { role: "row", class: "part-row" }, el("th", { role: "columnheader", colspan: heads.length, scope: "colgroup", lang: DATA.book_language }, chapter.part)));
    }
    rows.push(chapterRow(chapter, most));
  });
  const target = DATA.chapters[0].target;
  return section("by_chapter", el("table", { role: "table", class: "chapters" }, el("caption", { class: "sr" }, t("by_chapter")),
    el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, heads.map(name => el("th", { role: "columnheader", scope: "col", class: name },
      t(name), name === "length" && target ? el("small", {}, t("target", format(target[0]), format(target[1]))) : null)))),
    el("tbody", { role: "rowgroup" }, rows)));
}
function chapterRow(chapter, most) {
  const path = DATA.files[chapter.file].path;
  return el("tr", { role: "row" },
    el("th", { role: "rowheader", scope: "row" }, el("span", { class: "ordinal" }, chapter.number), title(chapter)),
    cell(t("stage"), { class: "stage" }, el("span", { class: `status ${chapter.status}` }, chapter.status ? known(chapter.status) : t("no_stage"))),
    cell(t("length"), { class: "length" }, lengthBar(chapter, most)),
    cell(t("cited_sections"), { class: "cited" }, t("share", ...chapter.cited)),
    cell(t("unsourced"), { class: "unsourced" }, chapter.unsourced === null ? el("span", { class: "quiet" }, "–", el("span", { class: "sr" }, t("not_checked")))
      : chapter.unsourced ? el("a", { href: address("findings", { place: path, rule: "FT001" }) }, format(chapter.unsourced)) : el("span", { class: "quiet" }, "0")),
    cell(t("findings"), { class: "findings" }, tallyLink(DATA.findings.filter(item => isOpen(item) && item.file === chapter.file), { place: path })));
}
function lengthBar({ words, target }, most) {
  const stand = target ? words < target[0] ? "under" : words > target[1] ? "over" : "within" : "free";
  return el("span", { class: `length-bar ${stand}` }, el("span", { class: "track", "aria-hidden": "true" },
    target ? bar("goal", (target[1] - target[0]) / most, target[0] / most) : null, bar("done", words / most)),
    el("span", { class: "value" }, format(words)));
}
function tallyLink(items, filters) {
  if (!items.length) return el("span", { class: "quiet" }, t("none"));
  return el("a", { class: "tally-link", href: address("findings", filters) }, tally(items));
}

/** Places that are no chapter: front matter, parts, cards, the bibliography. */
function elsewhere() {
  const listed = new Set(DATA.chapters.map(chapter => DATA.files[chapter.file].path));
  const rows = DATA.places.filter(place => !listed.has(place.id)).map(place =>
    [place, DATA.findings.filter(item => isOpen(item) && placeOf(item) === place.id)]).filter(([, items]) => items.length);
  if (!rows.length) return [];
  return [section("elsewhere", el("ul", { class: "lines" }, rows.map(([place, items]) =>
    el("li", {}, title(place), tallyLink(items, { place: place.id })))))];
}

// ---- rules ----------------------------------------------------------------------------------

function ruleSection() {
  const found = DATA.findings.filter(isOpen);
  const codes = [...new Set(found.map(item => item.code))].map(code => ({ code, items: found.filter(item => item.code === code) }));
  if (!codes.length) return "";
  codes.sort((one, two) => worst(one.items) - worst(two.items) || two.items.length - one.items.length);
  const most = Math.max(...codes.map(({ items }) => items.length));
  return section("by_rule", el("ul", { class: "rules" }, codes.map(({ code, items }) => el("li", {},
    ruleButton(code),
    el("a", { href: address("findings", { rule: code }), lang: "en" }, DATA.rules[code].name),
    el("span", { class: "track", "aria-hidden": "true" }, stacked(items, most)),
    el("span", { class: "value" }, format(items.length),
      DATA.base && items.some(item => item.new) ? el("span", { class: "change" }, `+${items.filter(item => item.new).length}`, el("span", { class: "sr" }, ` ${t("new")}`)) : null)))));
}
const worst = items => Math.min(...items.map(item => SEVERITIES.indexOf(item.severity)));

function stacked(items, most) {
  let from = 0;
  return SEVERITIES.map(name => {
    const share = items.filter(item => item.severity === name).length / most;
    const node = share ? bar(name, share, from) : null;
    from += share;
    return node;
  });
}

// ---- events and sources ---------------------------------------------------------------------

function evidence() {
  const parts = [distribution("stages", DATA.stages, "stage"), distribution("verification", DATA.verification, "trust"), coverage(), orphans()];
  return [section("evidence", el("div", { class: "columns" }, parts))];
}
function distribution(name, counts, kind) {
  const whole = counts.reduce((sum, [, count]) => sum + count, 0);
  if (!whole) return null;
  let from = 0;
  const fills = counts.map(([value, count]) => { const node = bar(`${kind}-${value || "none"}`, count / whole, from); from += count / whole; return node; });
  return el("section", {}, el("h3", {}, t(name)), el("span", { class: "track wide", "aria-hidden": "true" }, fills),
    el("ul", { class: "legend" }, counts.map(([value, count]) => el("li", {},
      el("span", { class: `swatch ${kind}-${value || "none"}` }), value ? known(value) : t("no_stage"), el("b", {}, format(count))))));
}
function coverage() {
  const cited = DATA.chapters.reduce((sum, chapter) => [sum[0] + chapter.cited[0], sum[1] + chapter.cited[1]], [0, 0]);
  const cards = [DATA.events.filter(event => event.sourced).length, DATA.events.length];
  const rows = [["coverage_sections", cited], ["coverage_cards", cards], ["coverage_entries", DATA.cited]].filter(([, [, whole]]) => whole);
  const figures = DATA.chapters.some(chapter => chapter.unsourced !== null)
    ? DATA.chapters.reduce((sum, chapter) => sum + (chapter.unsourced || 0), 0) : null;
  return el("section", {}, el("h3", {}, t("coverage")), el("ul", { class: "coverage" }, rows.map(([name, [part, whole]]) => el("li", {},
    el("span", { class: "name" }, t(name)), el("span", { class: "value" }, t("share", format(part), format(whole))),
    el("span", { class: "track", "aria-hidden": "true" }, bar("done", ratio(part, whole))))),
    el("li", {}, el("span", { class: "name" }, t("unsourced_total")), el("span", { class: "value" },
      figures === null ? t("not_checked") : figures ? el("a", { href: address("findings", { rule: "FT001" }) }, format(figures)) : "0"))));
}
function orphans() {
  if (DATA.orphans === null || !DATA.events.length) return null;
  const cards = DATA.events.filter(event => DATA.orphans.includes(event.file));
  return el("section", {}, el("h3", {}, t("orphans")), cards.length ? el("ul", { class: "lines" }, cards.map(event => el("li", {},
    el("a", { href: address("timeline", { event: event.id }) }, title(event)), el("span", { class: "quiet" }, event.date))))
    : el("p", { class: "quiet" }, t("orphans_none")));
}
