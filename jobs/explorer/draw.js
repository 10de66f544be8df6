// Draws the map: points stamped into the pixels of a canvas, names of clusters over them; and finds the point under the pointer.
const canvas = $("map"), pen = canvas.getContext("2d");
const view = {x: 0, y: 0, scale: 1, fit: 1};
let width = 0, height = 0, dots = 1, colourBy = "fate", over = -1, chosen = -1, keyboard = false;

const style = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const rgb = hex => [1, 3, 5].map(at => parseInt(hex.slice(at, at + 2), 16));
const pixel = ([r, g, b]) => (255 << 24 | b << 16 | g << 8 | r) >>> 0;
let ink = {};

function readColours() {
  const names = ["accent", "c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "cx", "sheet", "ink", "faint", "soft"];
  ink = Object.fromEntries(names.map(name => [name, style("--" + name)]));
  const stops = [0, 1, 2, 3, 4].map(at => rgb(style("--ramp" + at)));
  ink.ramp = Array.from({length: 256}, (_, at) => {
    const place = at / 255 * 4, low = Math.min(3, Math.floor(place)), part = place - low;
    return stops[low].map((value, channel) => Math.round(value + (stops[low + 1][channel] - value) * part));
  });
}

function colourOf(property, code) {
  if (property === "fate") return head.strata[code].stage === "kept" ? ink.accent : ink["c" + head.strata[code].colour] || ink.cx;
  if (property === "cluster") return ink["c" + code % 8];
  return code < 8 ? ink["c" + code] : ink.cx;
}

function paletteOf(property) {
  if (property.startsWith("signal ")) {
    const levels = head.signals.find(signal => "signal " + signal.name === property).levels.length;
    return Array.from({length: 256}, (_, code) => code === 255 ? rgb(ink.faint) : ink.ramp[Math.min(255, Math.round(255 * code / Math.max(1, levels - 1)))]);
  }
  return Array.from(sizesOf(property), (_, code) => rgb(colourOf(property, code)));
}

// a fixed shuffle, so that points of one domain, which lie together in the file, do not cover all others
const turns = (() => {
  const order = Uint32Array.from({length: n}, (_, at) => at);
  let state = 12345;
  for (let at = n - 1; at > 0; at--) {
    state = Math.imul(state, 1664525) + 1013904223 >>> 0;
    const other = state % (at + 1);
    [order[at], order[other]] = [order[other], order[at]];
  }
  return order;
})();

function measure() {
  const box = canvas.getBoundingClientRect();
  dots = Math.min(2, window.devicePixelRatio || 1);
  width = Math.max(1, Math.round(box.width)); height = Math.max(1, Math.round(box.height));
  canvas.width = width * dots; canvas.height = height * dots;
  let right = 1, bottom = 1;
  for (let at = 0; at < n; at++) {
    right = Math.max(right, Math.abs(places[2 * at])); bottom = Math.max(bottom, Math.abs(places[2 * at + 1]));
  }
  const before = view.fit;
  view.fit = Math.min((width - 40) / (2 * right), (height - 40) / (2 * bottom));
  view.scale *= view.fit / before;
}

const acrossOf = at => width / 2 + (places[2 * at] - view.x) * view.scale;
const downOf = at => height / 2 + (places[2 * at + 1] - view.y) * view.scale;
const radius = () => Math.min(7, (n < 1500 ? 4 : n < 8000 ? 3 : n < 30000 ? 2 : 1.3) * Math.pow(view.scale / view.fit, 0.35) * (width < 500 ? 0.8 : 1));

function stamp(size) {
  const reach = Math.ceil(size), cells = [];
  for (let down = -reach; down <= reach; down++) for (let across = -reach; across <= reach; across++) {
    const cover = Math.max(0, Math.min(1, size + 0.5 - Math.hypot(down, across)));
    if (cover > 0.05) cells.push([across, down, cover]);
  }
  return cells;
}

function stampAll(image, which, palette, column, cells) {
  const pixels = new Uint32Array(image.data.buffer), across = image.width, down = image.height;
  const solid = palette && palette.map(pixel), faint = rgb(ink.faint), faintPixel = pixel(faint);
  for (const at of turns) {
    if (shown[at] !== which) continue;
    const x = Math.round(acrossOf(at) * dots), y = Math.round(downOf(at) * dots);
    if (x < -9 || y < -9 || x > across + 9 || y > down + 9) continue;
    const colour = palette ? palette[column[at]] : faint, whole = palette ? solid[column[at]] : faintPixel;
    for (const [right, below, cover] of cells) {
      const px = x + right, py = y + below;
      if (px < 0 || py < 0 || px >= across || py >= down) continue;
      const place = py * across + px;
      if (cover === 1) { pixels[place] = whole; continue; }
      const old = pixels[place], r = old & 255, g = old >> 8 & 255, b = old >> 16 & 255;
      pixels[place] = pixel([r + (colour[0] - r) * cover | 0, g + (colour[1] - g) * cover | 0, b + (colour[2] - b) * cover | 0]);
    }
  }
}

function draw() {
  const image = pen.createImageData(canvas.width, canvas.height);
  new Uint32Array(image.data.buffer).fill(pixel(rgb(ink.sheet)));
  const cells = stamp(radius() * dots);
  if (shownCount < n) stampAll(image, 0, null, null, cells);
  stampAll(image, 1, paletteOf(colourBy), columns[colourBy], cells);
  pen.putImageData(image, 0, 0);
  pen.setTransform(dots, 0, 0, dots, 0, 0);
  for (const [at, line] of [[over, 1.5], [chosen, 3]]) if (at >= 0) ring(at, line);
  if ($("names").checked && columns.cluster) names();
  if (keyboard) cross();
  if (!canvas.dataset.drawn) canvas.dataset.drawn = String(Math.round(performance.now()));
}

let waiting = false;
function redraw() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; draw(); });
}

function ring(at, line) {
  for (const [colour, wide] of [[ink.sheet, line + 2.5], [ink.ink, line]]) {
    pen.beginPath();
    pen.arc(acrossOf(at), downOf(at), radius() + 3, 0, 7);
    pen.strokeStyle = colour; pen.lineWidth = wide;
    pen.stroke();
  }
}

function cross() {
  pen.strokeStyle = ink.ink; pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(width / 2 - 9, height / 2); pen.lineTo(width / 2 + 9, height / 2);
  pen.moveTo(width / 2, height / 2 - 9); pen.lineTo(width / 2, height / 2 + 9);
  pen.stroke();
}

// --- names of clusters, the largest first, where no other name stands ---

let centres = null;
function findCentres() {
  const members = head.clusters.map(() => []);
  for (let at = 0; at < n; at++) members[columns.cluster[at]].push(at);
  const middle = numbers => numbers.sort((a, b) => a - b)[numbers.length >> 1];
  centres = members.map(mine => {
    if (!mine.length) return null;
    const x = middle(mine.map(at => places[2 * at])), y = middle(mine.map(at => places[2 * at + 1]));
    const far = at => Math.hypot(places[2 * at] - x, places[2 * at + 1] - y);
    const near = mine.reduce((best, at) => far(at) < far(best) ? at : best, mine[0]);  // on a member, also of a cluster in two parts
    const rises = middle(mine.map(at => Math.abs(places[2 * at + 1] - places[2 * near + 1])));
    return [places[2 * near], places[2 * near + 1], 2 * rises];  // half of the members lie within half of that height
  });
}

function names() {
  if (!centres) findCentres();
  const taken = [], narrow = width < 500, size = narrow ? 11.5 : 13;
  const some = Math.round((narrow ? 9 : 26) * Math.min(4, view.scale / view.fit));
  pen.font = `600 ${size}px ${style("--sans")}`;
  pen.textAlign = "center"; pen.textBaseline = "middle"; pen.lineJoin = "round"; pen.direction = "ltr";
  for (let code = 0, drawn = 0; code < centres.length && drawn < some; code++) {
    if (!centres[code] || filters.cluster !== "" && +filters.cluster !== code) continue;
    const text = short(named.cluster(code).split(", ").slice(0, narrow ? 2 : 3).join(" · "), narrow ? 26 : 40);
    const half = pen.measureText(text).width / 2 + 6;
    let x = width / 2 + (centres[code][0] - view.x) * view.scale;
    let y = height / 2 + (centres[code][1] - view.y) * view.scale;
    const rise = centres[code][2] * view.scale + radius();
    if (rise < 2 * size) y += y - rise - size > size ? -rise - size : rise + size;  // beside a small cluster, which it would hide
    if (x < -40 || x > width + 40 || y < 10 || y > height - 10) continue;
    x = Math.max(half, Math.min(width - half, x));
    const box = [x - half, y - size * 0.8, x + half, y + size * 0.8];
    if (taken.some(other => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) continue;
    taken.push(box);
    drawn++;
    pen.strokeStyle = ink.sheet; pen.lineWidth = 4; pen.strokeText(text, x, y);
    pen.fillStyle = ink.ink; pen.fillText(text, x, y);
  }
}

// --- the nearest point, by a grid of cells ---

const SIDE = 128, cellOf = value => Math.min(SIDE - 1, Math.max(0, (value + 32768) * SIDE >> 16));
const starts = new Uint32Array(SIDE * SIDE + 1), inside = new Uint32Array(n);
for (let at = 0; at < n; at++) starts[cellOf(places[2 * at + 1]) * SIDE + cellOf(places[2 * at]) + 1]++;
for (let cell = 0; cell < SIDE * SIDE; cell++) starts[cell + 1] += starts[cell];
{
  const next = starts.slice();
  for (let at = 0; at < n; at++) inside[next[cellOf(places[2 * at + 1]) * SIDE + cellOf(places[2 * at])]++] = at;
}

function nearest(across, down, within) {
  const x = view.x + (across - width / 2) / view.scale, y = view.y + (down - height / 2) / view.scale, reach = within / view.scale;
  let best = -1, least = reach * reach;
  for (let row = cellOf(y - reach); row <= cellOf(y + reach); row++) for (let cell = cellOf(x - reach); cell <= cellOf(x + reach); cell++) {
    for (let place = starts[row * SIDE + cell]; place < starts[row * SIDE + cell + 1]; place++) {
      const at = inside[place], far = (places[2 * at] - x) ** 2 + (places[2 * at + 1] - y) ** 2;
      if (shown[at] && far <= least) { least = far; best = at; }
    }
  }
  return best;
}
