// Lets people steer the page: pointer, touch and keys on the map, colours, filters and search. It comes last, and begins.

function zoom(factor, across, down) {
  const scale = Math.max(view.fit * 0.5, Math.min(view.fit * 400, view.scale * factor));
  view.x += (across - width / 2) * (1 / view.scale - 1 / scale);
  view.y += (down - height / 2) * (1 / view.scale - 1 / scale);
  view.scale = scale;
  redraw();
}

function fit() { view.x = view.y = 0; view.scale = view.fit; redraw(); }

// --- pointer and touch ---

const fingers = new Map();
let moved = 0;
const spot = event => { const box = canvas.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };
canvas.addEventListener("wheel", event => {
  event.preventDefault();
  zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), ...spot(event));
}, {passive: false});
canvas.addEventListener("pointerdown", event => {
  canvas.setPointerCapture(event.pointerId);
  fingers.set(event.pointerId, spot(event));
  if (fingers.size === 1) moved = 0;
  keyboard = false;
});
canvas.addEventListener("pointermove", event => {
  const [across, down] = spot(event), before = fingers.get(event.pointerId);
  if (!before) { if (event.pointerType === "mouse") hover(nearest(across, down, 12), across, down); return; }
  if (fingers.size === 2) {
    const [other] = [...fingers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
    const far = (a, b) => Math.max(1, Math.hypot(a[0] - b[0], a[1] - b[1]));
    zoom(far([across, down], other) / far(before, other), (across + other[0]) / 2, (down + other[1]) / 2);
    moved += 9;
  }
  view.x -= (across - before[0]) / view.scale / fingers.size;
  view.y -= (down - before[1]) / view.scale / fingers.size;
  moved += Math.hypot(across - before[0], down - before[1]);
  fingers.set(event.pointerId, [across, down]);
  if (moved > 5) { hover(-1); redraw(); }
});
const lift = event => {
  if (fingers.delete(event.pointerId) && event.type === "pointerup" && moved <= 5 && !fingers.size) choose(nearest(...spot(event), event.pointerType === "mouse" ? 12 : 24));
};
canvas.addEventListener("pointerup", lift);
canvas.addEventListener("pointercancel", lift);
canvas.addEventListener("pointerleave", () => hover(-1));
canvas.addEventListener("dblclick", event => zoom(2, ...spot(event)));

function hover(at, across, down) {
  const tip = $("tip");
  if (at !== over) { over = at; redraw(); }
  tip.hidden = at < 0;
  if (at < 0) return;
  const fate = head.strata[fates[at]];
  tip.replaceChildren(make("b", short(titleOf(at) || "(texts are not unpacked)", 120)));
  if (words && words[at]) tip.append(make("span", short(words[at], 180), "words"));
  tip.append(make("span", fate.stage === "kept" ? "kept" : `${fate.outcome}: ${fateName(fate)}`, "fate"));
  tip.style.left = Math.max(4, Math.min(width - tip.offsetWidth - 4, across + 14)) + "px";
  tip.style.top = (down + 18 + tip.offsetHeight > height ? Math.max(4, down - tip.offsetHeight - 10) : down + 18) + "px";
}

// --- keys ---

canvas.addEventListener("keydown", event => {
  const step = 60 / view.scale;
  const act = {
    ArrowLeft: () => view.x -= step, ArrowRight: () => view.x += step, ArrowUp: () => view.y -= step, ArrowDown: () => view.y += step,
    "+": () => zoom(1.4, width / 2, height / 2), "=": () => zoom(1.4, width / 2, height / 2), "-": () => zoom(1 / 1.4, width / 2, height / 2),
    "0": fit, Enter: () => choose(nearest(width / 2, height / 2, 60)), Escape: () => choose(-1),
  }[event.key];
  if (!act) return;
  event.preventDefault();
  keyboard = true;
  act();
  redraw();
});
canvas.addEventListener("blur", () => { keyboard = false; redraw(); });
$("closer").addEventListener("click", () => zoom(1.6, width / 2, height / 2));
$("farther").addEventListener("click", () => zoom(1 / 1.6, width / 2, height / 2));
$("whole").addEventListener("click", fit);
$("names").addEventListener("change", redraw);

// --- the legend ---

function legend() {
  const list = $("legend");
  list.replaceChildren();
  if (colourBy.startsWith("signal ")) return ramp(list);
  const counts = sizesOf(colourBy), visible = new Uint32Array(counts.length);
  for (let at = 0; at < n; at++) visible[columns[colourBy][at]] += shown[at];
  const order = Array.from(counts, (_, code) => code).filter(code => counts[code]);
  for (const code of order.slice(0, colourBy === "domain" ? 40 : 130)) {
    const button = make("button", null, "row", {type: "button", "aria-pressed": String(filters[colourBy] === String(code))});
    const key = make("i", null, "key");
    key.style.background = colourOf(colourBy, code);
    const whole = colourBy === "fate" ? ` of ${grouped(head.strata[code].count)}` : "";
    button.append(key, make("bdi", short(named[colourBy](code), 60), "name"), make("span", grouped(visible[code]) + whole, "n"));
    if (colourBy === "fate") button.title = head.meanings[head.strata[code].reason] || head.rules[head.strata[code].reason] || "";
    button.addEventListener("click", () => setFilter(colourBy, filters[colourBy] === String(code) ? "" : String(code)));
    list.append(make("li"));
    list.lastChild.append(button);
  }
}

function ramp(list) {
  const signal = head.signals.find(one => "signal " + one.name === colourBy), {levels} = signal, bar = make("div", null, "ramp", {"aria-hidden": "true"});
  for (let at = 0; at < 32; at++) { bar.append(make("i")); bar.lastChild.style.background = `rgb(${ink.ramp[at * 8].join()})`; }
  const ends = make("div", null, "ends");
  for (const at of [0, levels.length >> 1, levels.length - 1]) ends.append(make("span", String(levels[at])));
  const without = columns[colourBy].reduce((sum, code) => sum + (code === 255), 0);
  const row = make("li", null, "signal");
  row.append(bar, ends, make("p", `${signal.definition || signal.name}${signal.unit ? ` (${signal.unit})` : ""}. Colours go by rank. Not measured on ${grouped(without)} points.`, "small soft"));
  list.append(row);
}

// --- colours and filters ---

function option(select, value, text) { select.append(make("option", text, "", {value})); }

function setFilter(name, value) {
  filters[name] = value;
  const select = $("by-" + name);
  if (select) {
    if (value !== "" && ![...select.options].some(one => one.value === value)) option(select, value, short(named[name](+value), 50));
    select.value = value;
  }
  renew();
}

function renew() {
  sift();
  legend();
  matches();
  $("count").textContent = filtered() ? `${grouped(shownCount)} of ${grouped(n)} points` : `${grouped(n)} points`;
  $("clear").hidden = !filtered();
  redraw();
}

function controls() {
  const colour = $("colour");
  option(colour, "fate", "kept or dropped, by reason");
  for (const fate of head.strata.keys()) option($("by-fate"), String(fate), `${named.fate(fate)} (${grouped(sizesOf("fate")[fate])})`);
  for (const name of ["outcome", "fate", "language", "domain", "cluster"]) $("by-" + name).addEventListener("change", event => setFilter(name, event.target.value));
  colour.addEventListener("change", () => { colourBy = colour.value; legend(); redraw(); });
  let pause = 0;
  $("search").addEventListener("input", event => { clearTimeout(pause); pause = setTimeout(() => { filters.search = event.target.value; renew(); }, 150); });
  $("clear").addEventListener("click", () => {
    for (const name of Object.keys(filters)) { filters[name] = ""; if ($("by-" + name)) $("by-" + name).value = ""; }
    $("search").value = "";
    renew();
  });
}

function moreControls() {
  const colour = $("colour");
  for (const name of ["language", "domain", "cluster"]) {
    option(colour, name, name === "cluster" ? "cluster" : name);
    const counts = sizesOf(name);
    for (let code = 0; code < Math.min(200, counts.length); code++) option($("by-" + name), String(code), `${short(named[name](code), 40)} (${grouped(counts[code])})`);
  }
  for (const signal of head.signals) option(colour, "signal " + signal.name, signal.name);
  for (const control of document.querySelectorAll(".later")) control.disabled = false;
}

function matches() {
  const list = $("matches");
  list.replaceChildren();
  $("found").hidden = !filtered() || !urls;
  if (!filtered() || !urls) return;
  for (const at of turns) {
    if (!shown[at]) continue;
    const button = make("button", null, "row", {type: "button"}), key = make("i", null, "key");
    key.style.background = colourOf("fate", fates[at]);
    button.append(key, make("bdi", short(titleOf(at), 70), "name"));
    button.addEventListener("click", () => { view.x = places[2 * at]; view.y = places[2 * at + 1]; view.scale = Math.max(view.scale, view.fit * 4); choose(at); });
    list.append(make("li"));
    list.lastChild.append(button);
    if (list.childElementCount === 25) break;
  }
  $("found-title").textContent = shownCount > 25 ? "25 of the points found" : "Points found";
}

// --- begin ---

let property = head.areas.length ? head.areas[0].property : "";
for (const tab of document.querySelectorAll(".tab")) tab.addEventListener("click", () => areas(property = tab.value));
const again = () => { readColours(); measure(); legend(); draw(); if (property) areas(property); };
readColours();
controls();
measure();
view.scale = view.fit;
renew();
draw();
if (property) areas(property);
addEventListener("resize", again);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
if (typeof DecompressionStream === "undefined") $("old").hidden = false;
else unpack().then(() => { moreControls(); renew(); document.body.dataset.ready = String(Math.round(performance.now())); }, () => { $("old").hidden = false; });
