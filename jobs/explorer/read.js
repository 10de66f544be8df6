"use strict";
// Reads what the page holds: places and fates at once, the rest when it is unpacked. Strangers wrote the texts: they only ever
// become textContent, or letters drawn on the canvas.
const $ = id => document.getElementById(id);
const head = JSON.parse($("head").textContent);
const n = head.n;

function bytesOf(id) {
  const text = atob($(id).textContent.trim()), bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

const places = new Int16Array(bytesOf("places").buffer);
const fates = bytesOf("fates");
const columns = {fate: fates};
let urls = null, titles = null, words = null, stories = null, searched = null;

async function unpack() {
  const stream = new Blob([bytesOf("more")]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const body = new Uint8Array(await new Response(stream).arrayBuffer());
  const texts = {};
  let at = 0;
  for (const part of head.parts) {
    const piece = body.slice(at, at + part.bytes);
    at += part.bytes;
    if (["urls", "titles", "words", "stories"].includes(part.name)) texts[part.name] = new TextDecoder().decode(piece).split("\n");
    else columns[part.name] = part.name.startsWith("signal ") ? piece : new Uint16Array(piece.buffer);
  }
  ({urls, titles, words, stories} = texts);
  urls = urls.map(url => url.startsWith(" ") ? url.slice(1) : "https://" + url);
}

const grouped = number => number.toLocaleString("en-US");
const share = (part, whole) => !whole ? "–" : part === whole ? "100%" : !part ? "0%" : part / whole < 0.001 ? "<0.1%" : (100 * part / whole).toFixed(1) + "%";
const short = (text, length) => text.length > length ? text.slice(0, length - 1) + "…" : text;

function make(tag, text, css, attributes) {
  const made = document.createElement(tag);
  if (text !== undefined && text !== null) made.textContent = text;
  if (css) made.className = css;
  for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, value);
  return made;
}

// --- what a point can be coloured and filtered by ---

const fateName = fate => fate.stage === "kept" ? "kept" : fate.reason || "unnamed";
const titleOf = at => titles && titles[at] || (urls ? urls[at] : "");
const named = {
  fate: at => fateName(head.strata[at]),
  language: at => head.languages[at] || "not known",
  domain: at => head.domains[at] || "no domain",
  cluster: at => head.clusters[at] || "(no words)",
};
const sizes = {};  // of each category of a property: how many points it has

function sizesOf(property) {
  if (!sizes[property]) {
    const count = {fate: head.strata, language: head.languages, domain: head.domains, cluster: head.clusters}[property].length;
    sizes[property] = new Uint32Array(count);
    for (const code of columns[property]) sizes[property][code]++;
  }
  return sizes[property];
}

// --- which points are shown ---

const filters = {outcome: "", fate: "", language: "", domain: "", cluster: "", search: ""};
let shown = new Uint8Array(n).fill(1), shownCount = n;
const filtered = () => Object.values(filters).some(value => value !== "");

function sift() {
  const {outcome, search} = filters;
  const codes = ["fate", "language", "domain", "cluster"].filter(name => filters[name] !== "" && columns[name]).map(name => [columns[name], +filters[name]]);
  const outcomes = head.strata.map(fate => outcome === "" || (fate.stage === "kept" ? "kept" : fate.outcome) === outcome);
  const needle = search.trim().toLowerCase();
  if (needle && urls && !searched) searched = urls.map((url, at) => (url + "\n" + titles[at] + "\n" + words[at]).toLowerCase());
  shownCount = 0;
  for (let at = 0; at < n; at++) {
    const is = outcomes[fates[at]] && codes.every(([column, code]) => column[at] === code) && (!needle || !searched || searched[at].includes(needle));
    shown[at] = is ? 1 : 0;
    shownCount += is;
  }
}
