/* The causal graph and the timeline: drawn here from data, with zoom, pan and a panel for the card.

   Both are worlds of fixed size seen through the view box of their SVG; at zoom 1 a unit of the world
   is a pixel of the page, so that text keeps its size on a telephone. */

const EVENTS = DATA.events;
const LEVELS = { critical: 6.5, major: 5.2, notable: 4.2, minor: 3.4 };
const pictures = {};
const isWrong = edge => edge.contradicted || edge.circular;
const findingsOf = event => DATA.findings.filter(item => isOpen(item) && item.file === event.file);

function preparePictures() {
  for (const name of ["causes", "timeline"]) painters[name] = print => drawPicture(name, print === true);
  let width = innerWidth;
  addEventListener("resize", () => requestAnimationFrame(() => {
    if (innerWidth === width) return;
    width = innerWidth;
    if (pictures[state.view]) drawPicture(state.view, false);
  }));
}

function drawPicture(name, print) {
  const place = $(`#${name}-picture`);
  $(`#${name}-below`).replaceChildren(...summary(name).slice(name === "causes" ? 2 : 3)); // for paper
  if (!EVENTS.length) { $(`#${name}-panel`).hidden = true; place.replaceChildren(el("p", { class: "empty" }, t("no_events"))); return; }
  const width = print ? 680 : place.clientWidth;
  if (!width) return;
  const world = name === "causes" ? causesWorld(width) : timelineWorld(width);
  const picture = pictures[name] = new Picture(name, world, width, print);
  place.replaceChildren(picture.toolbar(), picture.svg, legend(), el("p", { class: "hint", id: `${name}-hint` }, t("picture_hint")));
  picture.look();
  choose(name, EVENTS.findIndex(event => event.id === state.event));
}
function legend() {
  const item = (name, ...shapes) => el("li", {}, svg("svg", { viewBox: "0 0 30 10", "aria-hidden": "true" }, shapes), t(name));
  const line = kind => svg("path", { class: `arc ${kind}`, d: "M2 5H24" });
  const tip = kind => svg("path", { class: `tip ${kind}`, d: "M28 5l-6-3v6z" });
  return el("ul", { class: "legend" }, item("legend_effect", line(""), tip("")), item("legend_peer", line("peer")), item("legend_red", line("wrong"), tip("wrong")));
}

// ---- the causal graph: events down the page, arcs on the left --------------------------------

function causesWorld(width) {
  const narrow = width < 560;
  const row = narrow ? 40 : 30, top = 16;
  const axis = Math.max(70, Math.min(330, width * 0.33));
  const y = at => top + row * (at + 0.5);
  const widest = Math.max(1, ...DATA.edges.map(edge => Math.abs(edge.from - edge.to)));
  const arcs = [...DATA.edges].sort((one, two) => isWrong(one) - isWrong(two)).map(edge => {
    const [from, to] = [y(edge.from), y(edge.to)];
    const left = axis - 14 - (axis - 22) * Math.pow(Math.abs(edge.from - edge.to) / widest, 0.75) * 1.28;
    return arc(edge, `M${axis - 9} ${from}C${left} ${from} ${left} ${to} ${axis - 15} ${to}`, `M${axis - 9} ${to}l-7.5-3.6v7.2z`);
  });
  const nodes = EVENTS.map((event, at) => {
    const text = axis + 16 + (narrow ? 0 : 92);
    return nodeOf(event, at, axis, y(at),
      svg("rect", { class: "hit", x: axis - 8, y: y(at) - row / 2, width: width - axis + 8, height: row, rx: 4 }),
      svg("text", { class: "date", x: axis + 16, y: y(at) + (narrow ? -5 : 4) }, event.date),
      label(event, text, y(at) + (narrow ? 12 : 4.5), width - text - (narrow ? 8 : 150), narrow ? 12.5 : 14),
      narrow ? null : svg("text", { class: "organization", x: width - 26, y: y(at) + 4, "text-anchor": "end" }, cut(organizationOf(event), 110, 12)),
      alarm(event, width - 12, y(at)));
  });
  const axisLine = svg("line", { class: "axis", x1: axis, x2: axis, y1: top, y2: y(EVENTS.length - 0.5) });
  return { width, height: top * 2 + row * EVENTS.length, content: [axisLine, ...arcs, ...nodes], place: at => [axis, y(at)] };
}

// ---- the timeline: a lane for each organization ----------------------------------------------

function timelineWorld(width) {
  const dated = EVENTS.map((event, at) => ({ event, at })).filter(({ event }) => event.years);
  if (!dated.length) return { width, height: 40, content: [], place: () => [0, 0] };
  const first = Math.floor(Math.min(...dated.map(({ event }) => event.years[0])));
  const last = Math.ceil(Math.max(...dated.map(({ event }) => event.years[1])));
  const scale = Math.max(Math.min(64, 26000 / (last - first)), (width - 72) / (last - first));
  const x = year => 14 + (year - first) * scale;
  const whole = x(last) + 50;
  const lanes = new Map();
  for (const item of dated) lanes.set(organizationOf(item.event), [...lanes.get(organizationOf(item.event)) || [], item]);
  const places = new Map();
  const content = [], nodes = [], names = [];
  let top = 34;
  for (const [name, items] of lanes) {
    names.push(svg("text", { class: "lane", x: 12, y: top + 15 }, cut(name || t("nobody"), 220, 12)));
    const ends = [];
    for (const { event, at } of items) {
      const middle = x((event.years[0] + event.years[1]) / 2);
      const bold = event.level === "critical";
      const shown = cut(titleOf(event), 240, 13, bold), wide = measure(shown, 13, bold);
      const flip = middle + 14 + wide > whole;
      const begin = flip ? middle - 14 - wide : Math.min(x(event.years[0]), middle - 8);
      let line = ends.findIndex(end => end <= begin);
      if (line < 0) line = ends.length;
      ends[line] = flip ? middle + 12 : Math.max(middle + 24 + wide, x(event.years[1]) + 8);
      const y = top + 34 + line * 26;
      places.set(at, [middle, y]);
      const long = event.years[1] - event.years[0] > 0.02;
      nodes.push([at, nodeOf(event, at, middle, y,
        svg("rect", { class: "hit", x: begin - 2, y: y - 12, width: ends[line] - begin, height: 24, rx: 4 }),
        long ? svg("line", { class: "stretch", x1: x(event.years[0]), x2: x(event.years[1]), y1: y, y2: y }) : null,
        svg("text", { class: `label ${event.level}`, x: flip ? middle - 11 : middle + 11, y: y + 4.5, "text-anchor": flip ? "end" : "start", lang: DATA.book_language }, shown),
        alarm(event, flip ? middle - 16 - wide : middle + 18 + wide, y))]);
    }
    top += 34 + ends.length * 26;
    content.push(svg("line", { class: "rule", x1: 0, x2: whole, y1: top, y2: top }));
  }
  const every = [1, 2, 5, 10, 20, 50, 100].find(years => years * scale >= 56) || 200;
  const years = [];
  for (let year = Math.ceil(first / every) * every; year <= last; year += every) {
    content.push(svg("line", { class: "year", x1: x(year), x2: x(year), y1: 26, y2: top }));
    years.push(svg("text", { class: "year", x: x(year) + 5, y: 18 }, year));
  }
  const arcs = DATA.edges.filter(edge => places.has(edge.from) && places.has(edge.to)).map(edge => {
    const [[x1, y1], [x2, y2]] = [places.get(edge.from), places.get(edge.to)];
    const [out, into] = y1 === y2 ? [-1, -1] : y2 > y1 ? [1, -1] : [-1, 1]; // the side of the dots: -1 above
    const reach = y1 === y2 ? 16 + Math.abs(x2 - x1) / 24 : Math.abs(y2 - y1) / 2;
    return arc(edge, `M${x1} ${y1 + 8 * out}C${x1} ${y1 + (8 + reach) * out} ${x2} ${y2 + (14 + reach) * into} ${x2} ${y2 + 14 * into}`,
      `M${x2} ${y2 + 8 * into}l-3.6 ${7.5 * into}h7.2z`);
  });
  nodes.sort(([one], [two]) => one - two);
  return { width: whole, height: top + 8, content: [...content, ...arcs, ...nodes.map(([, node]) => node)],
    place: at => places.get(at) || [0, 0], sticky: { left: svg("g", {}, names), top: svg("g", {}, svg("rect", { class: "scale", x: 0, y: 0, width: whole, height: 26 }), years) } };
}

// ---- parts of both --------------------------------------------------------------------------

const organizationOf = event => language === "en" && event.organization_en || event.organization;
const titleOf = event => language === "en" && event.title_en || event.title;

function nodeOf(event, at, x, y, ...parts) {
  const sure = event.status === "verified" || event.status === "highly_verified";
  const [hit, ...others] = parts;
  return svg("g", { class: "node", "data-at": at, tabindex: "-1", role: "button",
    "aria-label": [titleOf(event), event.date, organizationOf(event)].filter(Boolean).join(", ") },
    hit, svg("circle", { class: `dot ${sure ? "sure" : "unsure"} ${event.status}`, cx: x, cy: y, r: LEVELS[event.level] || 4.2 }),
    ...others.filter(Boolean));
}
function label(event, x, y, room, size) {
  return svg("text", { class: `label ${event.level}`, x, y, lang: DATA.book_language }, cut(titleOf(event), room, size, event.level === "critical"));
}
/** The mark of the worst finding on a card. */
function alarm(event, x, y) {
  const items = findingsOf(event);
  if (!items.length) return null;
  const severity = SEVERITIES[worst(items)];
  const path = mark(severity).firstChild;
  path.setAttribute("class", `alarm ${severity}`);
  path.setAttribute("transform", `translate(${x - 4} ${y - 4}) scale(.8)`);
  return path;
}
function arc(edge, line, tip) {
  const kind = [edge.directed ? "" : "peer", isWrong(edge) ? "wrong" : ""].filter(Boolean).join(" ");
  return svg("g", { class: `edge ${kind}`, "data-from": edge.from, "data-to": edge.to },
    svg("path", { class: `arc ${kind}`, d: line }), edge.directed ? svg("path", { class: `tip ${kind}`, d: tip }) : null);
}
const ruler = document.createElement("canvas").getContext("2d");
function measure(text, size, bold = false) {
  ruler.font = `${bold ? 600 : 400} ${size}px ${getComputedStyle(document.body).fontFamily}`;
  return ruler.measureText(text).width;
}
function cut(text, room, size, bold = false) {
  if (measure(text, size, bold) <= room) return text;
  const chars = [...text];
  while (chars.length && measure(`${chars.join("")}…`, size, bold) > room) chars.pop();
  return `${chars.join("").trimEnd()}…`;
}

// ---- looking at a picture -------------------------------------------------------------------

class Picture {
  constructor(name, world, width, print) {
    this.name = name;
    this.world = world;
    this.width = width;
    this.height = print ? world.height * Math.min(1, width / world.width) : Math.min(world.height, 6000);
    this.zoom = print ? Math.min(1, width / world.width) : 1;
    this.x = this.y = 0;
    const { sticky } = world;
    this.svg = svg("svg", { width, height: this.height, role: "group", "aria-label": t(name), "aria-describedby": `${name}-hint` },
      world.content, sticky ? [sticky.left, sticky.top] : []);
    this.nodes = $$(".node", this.svg);
    this.edges = $$(".edge", this.svg);
    if (this.nodes.length) this.nodes[0].setAttribute("tabindex", "0");
    this.listen();
  }

  /** Show what zoom and place say; the world stays in sight. */
  look() {
    const [wide, high] = [this.width / this.zoom, this.height / this.zoom];
    this.x = Math.max(Math.min(0, (this.world.width - wide) / 2), Math.min(this.x, this.world.width - wide));
    this.y = Math.max(0, Math.min(this.y, this.world.height - high));
    // One finger scrolls the page as long as the picture has no more to show than the page does.
    this.svg.style.touchAction = this.zoom > 1 || this.world.height > this.height ? "none" : "pan-y";
    this.svg.setAttribute("viewBox", `${this.x} ${this.y} ${wide} ${high}`);
    if (this.world.sticky) {
      this.world.sticky.left.setAttribute("transform", `translate(${Math.max(0, this.x)} 0)`);
      this.world.sticky.top.setAttribute("transform", `translate(0 ${this.y})`);
    }
  }
  /** Zoom by a factor; the point (px, py) of the picture stays where it is. */
  scale(by, px = this.width / 2, py = this.height / 2) {
    const zoom = Math.max(Math.min(0.15, this.whole()), Math.min(6, this.zoom * by));
    this.x += px / this.zoom - px / zoom;
    this.y += py / this.zoom - py / zoom;
    this.zoom = zoom;
    this.look();
  }
  whole() { return Math.min(1, this.width / this.world.width, Math.min(this.height, innerHeight * 0.8) / this.world.height); }
  fit() { this.zoom = this.whole(); this.x = this.y = 0; this.look(); }
  reset() { this.zoom = 1; this.x = this.y = 0; this.look(); }
  pan(dx, dy) { this.x += dx / this.zoom; this.y += dy / this.zoom; this.look(); }

  /** Bring an event into sight. */
  reveal(at) {
    const [x, y] = this.world.place(at);
    const [wide, high] = [this.width / this.zoom, this.height / this.zoom];
    if (x < this.x + 40 || x > this.x + wide - Math.min(200, wide / 2)) this.x = x - wide / 3;
    if (y < this.y + 50 || y > this.y + high - 30) this.y = y - high / 2;
    this.look();
  }

  toolbar() {
    const button = (name, sign, action) => el("button", { type: "button", title: t(name), "aria-label": t(name), click: action }, sign);
    return el("div", { class: "zoom" }, button("zoom_in", "+", () => this.scale(1.3)), button("zoom_out", "−", () => this.scale(1 / 1.3)),
      button("zoom_fit", t("zoom_fit"), () => this.fit()), button("zoom_reset", "1:1", () => this.reset()));
  }

  listen() {
    const picture = this.svg;
    const nodeAt = event => event.target.closest && event.target.closest(".node");
    picture.addEventListener("wheel", event => {
      if (!event.ctrlKey && !event.metaKey && !picture.contains(document.activeElement)) return;
      event.preventDefault();
      const box = picture.getBoundingClientRect();
      this.scale(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0018)), event.clientX - box.left, event.clientY - box.top);
    }, { passive: false });
    picture.addEventListener("pointerover", event => nodeAt(event) && this.light(Number(nodeAt(event).dataset.at)));
    picture.addEventListener("pointerout", event => nodeAt(event) && this.light(this.chosen));
    picture.addEventListener("focusin", event => nodeAt(event) && this.light(Number(nodeAt(event).dataset.at)));
    picture.addEventListener("focusout", () => this.light(this.chosen));
    picture.addEventListener("click", event => {
      if (this.moved) return;
      const node = nodeAt(event);
      if (node) { node.focus(); pick(this.name, Number(node.dataset.at)); }
    });
    picture.addEventListener("keydown", event => this.key(event));
    this.listenToPointers();
  }

  /** One pointer drags, two pinch. */
  listenToPointers() {
    const down = new Map();
    const spread = () => { const [one, two] = [...down.values()]; return Math.hypot(one.x - two.x, one.y - two.y); };
    this.svg.addEventListener("pointerdown", event => {
      down.set(event.pointerId, { x: event.clientX, y: event.clientY });
      this.moved = false;
      if (!event.target.closest(".node")) { this.nodes.find(node => node.tabIndex === 0)?.focus({ preventScroll: true }); event.preventDefault(); }
    });
    this.svg.addEventListener("pointermove", event => {
      const last = down.get(event.pointerId);
      if (!last) return;
      const before = down.size === 2 ? spread() : 0;
      const [dx, dy] = [event.clientX - last.x, event.clientY - last.y];
      if (!this.moved && Math.hypot(dx, dy) < 4) return;
      this.moved = true;
      this.svg.setPointerCapture(event.pointerId);
      down.set(event.pointerId, { x: event.clientX, y: event.clientY });
      if (down.size === 2) {
        const box = this.svg.getBoundingClientRect();
        const [one, two] = [...down.values()];
        this.scale(spread() / before, (one.x + two.x) / 2 - box.left, (one.y + two.y) / 2 - box.top);
        this.pan(-dx / 2, -dy / 2);
      } else this.pan(-dx, -dy);
    });
    for (const end of ["pointerup", "pointercancel"]) this.svg.addEventListener(end, event => down.delete(event.pointerId));
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrows = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
    const at = Number(document.activeElement.dataset.at);
    const actions = { "+": () => this.scale(1.3), "=": () => this.scale(1.3), "-": () => this.scale(1 / 1.3), 0: () => this.reset(),
      Enter: () => pick(this.name, at), " ": () => pick(this.name, at) };
    if (event.key in arrows) {
      const [dx, dy] = arrows[event.key];
      if (event.shiftKey) this.pan(dx * 80, dy * 80);
      else this.walk(dx + dy);
    } else if (actions[event.key]) actions[event.key]();
    else return;
    event.preventDefault();
  }
  /** Focus the next or the previous event. */
  walk(by) {
    const here = this.nodes.indexOf(document.activeElement);
    const next = this.nodes[Math.max(0, Math.min(this.nodes.length - 1, here + by))];
    this.nodes.forEach(node => node.setAttribute("tabindex", node === next ? "0" : "-1"));
    next.focus({ preventScroll: true });
    this.reveal(Number(next.dataset.at));
  }

  /** Bring out an event and its neighbours; -1 for none. */
  light(at) {
    const on = at >= 0;
    this.svg.classList.toggle("lit", on);
    const near = new Set([at]);
    for (const edge of this.edges) {
      const [from, to] = [Number(edge.dataset.from), Number(edge.dataset.to)];
      const effect = on && from === at, cause = on && to === at;
      edge.classList.toggle("effect", effect);
      edge.classList.toggle("cause", cause);
      if (effect || cause) near.add(from).add(to);
    }
    for (const node of this.nodes) {
      node.classList.toggle("near", on && near.has(Number(node.dataset.at)));
      node.classList.toggle("here", on && Number(node.dataset.at) === at);
    }
  }
}

// ---- the panel ------------------------------------------------------------------------------

/** Choose an event as a person does: into the address, the panel and the picture. */
function pick(name, at) {
  state.event = EVENTS[at].id;
  writeAddress();
  choose(name, at);
  if (innerWidth < 900) $(`#${name}-panel`).scrollIntoView({ block: "nearest" });
}
function leave(name) {
  state.event = "";
  writeAddress();
  choose(name, -1);
}
function choose(name, at) {
  const picture = pictures[name];
  picture.chosen = at;
  picture.light(at);
  $(`#${name}-panel`).replaceChildren(...(at < 0 ? summary(name) : panel(name, at)));
  const node = picture.nodes.find(item => Number(item.dataset.at) === at);
  if (!node) return;
  picture.nodes.forEach(item => item.setAttribute("tabindex", item === node ? "0" : "-1"));
  picture.reveal(at);
}

function panel(name, at) {
  const event = EVENTS[at];
  const other = name === "causes" ? "timeline" : "causes";
  const fact = (key, ...values) => values.some(value => value && value.length !== 0) ? [el("dt", {}, t(key)), el("dd", {}, values)] : null;
  const second = language === "en" ? event.title : event.title_en;
  return [
    el("button", { type: "button", class: "back", click: () => leave(name) }, `← ${t("back")}`),
    title(event, "h3"),
    second && second !== titleOf(event) ? el("p", { class: "second", lang: language === "en" ? DATA.book_language : "en" }, second) : "",
    event.summary ? el("p", { class: "summary", lang: DATA.book_language }, event.summary) : "",
    el("dl", {}, fact("date", event.date), fact("organization", organizationOf(event)), fact("level", event.level && known(event.level)),
      fact("status", event.status && known(event.status)), fact("sources", event.sources.map(key => el("code", {}, key))),
      fact("used_in", event.chapters.map(file => title(DATA.files[file]))),
      fact("card", placeLink(event.file, 1, 1, DATA.files[event.file].path))),
    ...relationsOf(name, at),
    ...cardFindings(event),
    el("p", { class: "actions" }, editorURL(event.file) ? el("a", { class: "button", href: editorURL(event.file) }, t("open_editor")) : null,
      el("a", { class: "button", href: address(other, { event: event.id }) }, t(`see_${other}`))),
  ];
}
function relationsOf(name, at) {
  const groups = [
    ["relations_in", DATA.edges.filter(edge => edge.directed && edge.to === at), "from"],
    ["relations_out", DATA.edges.filter(edge => edge.directed && edge.from === at), "to"],
    ["relations_with", DATA.edges.filter(edge => !edge.directed && (edge.from === at || edge.to === at)), ""],
  ];
  return groups.filter(([, edges]) => edges.length).map(([key, edges, end]) => el("section", {}, el("h4", {}, t(key)),
    el("ul", { class: "relations" }, edges.map(edge => {
      const there = end ? edge[end] : edge.from === at ? edge.to : edge.from;
      return el("li", { class: isWrong(edge) ? "wrong" : null }, el("button", { type: "button", class: "link", click: () => pick(name, there) }, title(EVENTS[there])),
        el("span", { class: "quiet" }, EVENTS[there].date), isWrong(edge) ? el("span", { class: "why" }, whyWrong(edge)) : null);
    }))));
}
const whyWrong = edge => t(edge.contradicted ? "contradicted" : "circular");

function cardFindings(event) {
  const items = findingsOf(event);
  if (!items.length) return [];
  return [el("section", {}, el("h4", {}, t("card_findings")), el("ul", { class: "brief" }, items.map(item =>
    el("li", {}, mark(item.severity), el("a", { href: address("findings", { place: DATA.files[event.file].path, at: item.id }), lang: "en" }, prose(item.message))))))];
}

/** What a picture cannot show: contradictions in words, events without a date. */
function summary(name) {
  const wrong = DATA.edges.filter(isWrong);
  const undated = EVENTS.map((item, at) => at).filter(at => name === "timeline" && !EVENTS[at].years);
  const link = at => el("a", { href: address(name, { event: EVENTS[at].id }) }, title(EVENTS[at]));
  const dated = at => [link(at), el("span", { class: "quiet" }, ` ${EVENTS[at].date}`)];
  return [
    el("p", { class: "counts" }, `${counted("events", EVENTS.length)} · ${counted("relations", DATA.edges.length)}`),
    el("p", { class: "quiet" }, t("pick")),
    wrong.length ? el("section", {}, el("h3", { class: "small" }, t("contradictions")), el("ul", { class: "wrongs" }, wrong.map(edge => el("li", {}, dated(edge.from),
      el("span", { class: "relation" }, ` ${DATA.relations[edge.relation][language]} → `), dated(edge.to), el("span", { class: "why" }, whyWrong(edge)))))) : "",
    undated.length ? el("section", {}, el("h3", { class: "small" }, t("undated")), el("ul", {}, undated.map(at => el("li", {}, link(at))))) : "",
  ];
}
