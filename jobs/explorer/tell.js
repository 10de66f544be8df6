// Tells of one document or one area: its story, the treemap, and what an area lost.

// --- the story of a document ---

function choose(at) {
  chosen = at;
  const card = $("story");
  card.hidden = at < 0;
  redraw();
  if (at < 0) return;
  const fate = head.strata[fates[at]], [broken, witness, values] = stories && stories[at] ? JSON.parse(stories[at]) : [[], "", []];
  card.replaceChildren();
  const title = make("h3");
  title.append(make("bdi", titleOf(at) || "One document"));
  card.append(title);
  if (urls) card.append(make("p", urls[at], "url", {dir: "ltr"}));
  const steps = make("ol", null, "steps");
  for (const [name, called] of head.stages) {
    const left = name === fate.stage;
    steps.append(make("li", left ? `${called}: ${fate.outcome}, ${fateName(fate)}` : `${called}: passed`, left ? "left" : ""));
    if (left) break;
  }
  if (fate.stage === "kept") steps.append(make("li", "kept", "end"));
  card.append(steps);
  const why = head.meanings[fate.reason] || (head.rules[fate.reason] ? "kept only if " + head.rules[fate.reason] : "");
  if (fate.stage !== "kept" && why) card.append(make("p", why, "small"));
  const also = broken.filter(name => name !== fate.reason);
  if (also.length) card.append(make("p", "Breaks also: " + also.join(", "), "small"));
  if (witness) { card.append(make("p", "Lost to", "small soft"), make("p", witness, "url", {dir: "ltr"})); }
  const table = make("dl", null, "values");
  const tell = (name, value) => table.append(make("dt", name), make("dd", value));
  for (const [name, value] of values) tell(name, String(value));
  if (columns.language) {
    tell("language", named.language(columns.language[at]));
    tell("domain", named.domain(columns.domain[at]));
    tell("cluster on the map", named.cluster(columns.cluster[at]));
  }
  for (const signal of head.signals) if (columns["signal " + signal.name] && columns["signal " + signal.name][at] < 255) tell(signal.name, "≈ " + signal.levels[columns["signal " + signal.name][at]]);
  if (words && words[at]) card.append(make("p", words[at], "text", {dir: "auto"}));
  card.append(table);
  if (urls && !urls[at].endsWith("…") && !/['\\\ufffd]/.test(urls[at])) card.append(make("p", "The whole story:", "small soft"), make("code", `gristmill explain ${head.root} '${urls[at]}'`));
  const close = make("button", "Close", "plain", {type: "button"});
  close.addEventListener("click", () => { choose(-1); canvas.focus(); });
  card.append(close);
  if (width < 500) card.scrollIntoView({block: "nearest"});
}

// --- the treemap ---

function areas(property) {
  const found = head.areas.find(one => one.property === property), box = $("treemap"), narrow = box.clientWidth < 600;
  for (const tab of document.querySelectorAll(".tab")) tab.setAttribute("aria-pressed", String(tab.value === property));
  box.className = narrow ? "tall" : "wide";
  box.replaceChildren();
  $("area").hidden = true;
  $("treemap-note").textContent = found.estimated ? "Sizes are estimated from the sample." : "Sizes are counts over the whole corpus.";
  found.areas.forEach(area => {
    const [left, top, across, down] = narrow ? area.tall : area.wide, name = area.rest ? `${grouped(area.rest)} others` : property === "cluster" ? area.name || "(no words)" : area.name || "not known";
    const tile = make("button", null, "tile", {type: "button", title: `${name}: ${grouped(area.kept)} kept of ${grouped(area.count)} (${share(area.kept, area.count)})`});
    tile.setAttribute("aria-label", tile.title);
    for (const [side, value] of [["left", left], ["top", top], ["width", across], ["height", down]]) tile.style[side] = (100 * value).toFixed(3) + "%";
    const filled = make("i", null, "filled");
    filled.style.height = 100 * area.kept / Math.max(1, area.count) + "%";
    tile.append(filled);
    const wide = across * box.clientWidth, high = down * box.clientHeight;
    if (wide > 54 && high > 18) tile.append(make("bdi", name, "name"));
    if (wide > 96 && high > 38) tile.append(make("span", `${grouped(area.count)}, ${share(area.kept, area.count)} kept`, "n"));
    tile.addEventListener("click", () => one(property, area, name));
    box.append(tile);
  });
}

function one(property, area, name) {
  const card = $("area"), list = make("ul", null, "reasons");
  card.hidden = false;
  card.replaceChildren(make("h3"));
  card.firstChild.append(make("bdi", name));
  card.append(make("p", `${grouped(area.kept)} kept of ${grouped(area.count)} (${share(area.kept, area.count)})`, "small"));
  for (const [reason, count] of area.reasons) {
    const row = make("li"), bar = make("i", null, "bar"), fate = head.strata.findIndex(one => one.stage !== "kept" && one.reason === reason);
    bar.style.width = 100 * count / area.count + "%";
    bar.style.background = fate < 0 ? ink.cx : colourOf("fate", fate);
    row.append(make("span", reason), make("span", grouped(count), "n"), bar);
    list.append(row);
  }
  card.append(list);
  const code = area.rest ? -1 : property === "cluster" ? area.code : head[property + "s"] ? head[property + "s"].indexOf(area.name) : -1;
  if (code >= 0 && columns[property]) {
    const button = make("button", "Show on the map", "plain", {type: "button"});
    button.addEventListener("click", () => { setFilter(property, String(code)); $("map-box").scrollIntoView({block: "start"}); });
    card.append(button);
  }
}
