"use strict";
// Every text of a call is set as text, never as HTML: the policy of the page allows no other way (trusted types).
const token = document.querySelector('meta[name="page-token"]').content;
const byId = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";
let state = null, rows = new Map(), chosen = "", editing = null, revealed = false, picked = false;

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "class") element.className = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}
const fill = (element, ...children) => element.replaceChildren(...children.filter((child) => child !== null && child !== ""));
const show = (id, shown) => { byId(id).hidden = !shown; };
const list = (texts, kind = "plain") => make("ul", { class: kind }, ...texts.map((text) => make("li", {}, text)));

async function ask(action, fields = {}) {
  const answer = await fetch(action, {
    method: "POST", headers: { "content-type": "application/json", "x-page-token": token }, body: JSON.stringify(fields),
  });
  const result = answer.headers.get("content-type").includes("json") ? await answer.json() : { error: await answer.text() };
  if (!answer.ok) throw new Error(result.error);
  return result;
}

// --- The picture -----------------------------------------------------------------------------------------------------

// The column of each node: one behind the nodes that lead to it. Nodes that nothing leads to stand close to their target.
function layOut(nodes, edges) {
  const column = new Map(nodes.map((node) => [node.id, 0]));
  for (let round = 0; round < nodes.length; round++)
    for (const edge of edges)
      if (column.get(edge.target) <= column.get(edge.source)) column.set(edge.target, column.get(edge.source) + 1);
  const longest = nodes.length - 1;
  for (const [id, at] of column) column.set(id, Math.min(at, longest));
  for (const node of nodes) {
    const after = edges.filter((edge) => edge.source === node.id).map((edge) => column.get(edge.target));
    if (!edges.some((edge) => edge.target === node.id) && after.length) column.set(node.id, Math.max(0, Math.min(...after) - 1));
  }
  const used = [...new Set(column.values())].sort((a, b) => a - b), line = new Map();
  for (const at of used) {
    let next = 0;
    for (const node of nodes.filter((each) => column.get(each.id) === at)) {
      const before = edges.filter((edge) => edge.target === node.id && line.has(edge.source)).map((edge) => line.get(edge.source));
      const wanted = before.length ? Math.min(...before) : next;
      line.set(node.id, Math.max(next, wanted));
      next = line.get(node.id) + 1;
    }
  }
  return { column: new Map(nodes.map((node) => [node.id, used.indexOf(column.get(node.id))])), line, columns: used.length };
}

function withClosed(picture) {
  const known = new Set(picture.nodes.map((node) => node.id)), nodes = [...picture.nodes];
  for (const id of picture.closed.flatMap((way) => [way.source, way.target]))
    if (!known.has(id)) {
      known.add(id);
      nodes.unshift({ id, label: id, detail: "", place: "outside", fixed: 0 });
    }
  return { nodes, closed: picture.closed };
}

// Every node and arrow between the hops of a call, and the way from its only caller to the first hop.
function listLit(row) {
  const edges = state.picture.edges, nodes = new Set(row ? row.way : []), lit = new Set();
  const into = (id) => edges.filter((edge) => edge.target === id);
  if (!row || !row.way.length) return { nodes, edges: lit };
  for (let at = row.way[0]; row.entered && into(at).length === 1 && !nodes.has(into(at)[0].source); at = into(at)[0].source) {
    nodes.add(into(at)[0].source);
    lit.add(into(at)[0]);
  }
  for (let place = 1; place < row.way.length; place++) {
    const from = new Map([[row.way[place - 1], null]]), queue = [row.way[place - 1]];
    while (queue.length && !from.has(row.way[place])) {
      const here = queue.shift();
      for (const edge of edges.filter((each) => each.source === here && !from.has(each.target))) {
        from.set(edge.target, edge);
        queue.push(edge.target);
      }
    }
    for (let edge = from.get(row.way[place]); edge; edge = from.get(edge.source)) {
      lit.add(edge);
      nodes.add(edge.source);
    }
  }
  return { nodes, edges: lit };
}

function makeNode(node, lit, stopped) {
  const kind = `node ${node.place.toLowerCase()} ${lit ? "lit" : ""} ${stopped ? "stopped" : ""}`;
  const cost = node.fixed === null ? "cost not known" : node.fixed >= 0.005 ? `${dollars(node.fixed)} a month` : "";
  return make("div", { class: kind, title: [node.label, node.detail, node.place].filter(Boolean).join(" · ") },
    make("b", {}, node.label), node.detail ? make("span", {}, node.detail) : null, cost ? make("span", {}, cost) : null);
}

function drawPicture() {
  if (!state) return;
  const { nodes, closed } = withClosed(state.picture), { edges } = state.picture, row = rows.get(chosen), lit = listLit(row);
  const { column, line, columns } = layOut(nodes, edges), lines = Math.max(...line.values()) + 1;
  const room = byId("picture").clientWidth, across = room >= 700, gap = across ? 66 : 46, side = across ? 24 : 12;
  const count = across ? columns : lines, between = across ? gap : side, top = closed.length && across ? 44 : 6;
  const width = Math.max(across ? 100 : 90, Math.min(172, (room - between * (count - 1) - 4) / count));
  const boxes = new Map(nodes.map((node) => [node.id, makeNode(node, lit.nodes.has(node.id), row && row.stopped === node.id)]));
  const canvas = make("div", { class: "canvas" }, ...boxes.values());
  for (const box of boxes.values()) box.style.width = `${width}px`;
  fill(byId("picture"), canvas);
  const height = Math.max(52, ...[...boxes.values()].map((box) => box.offsetHeight)), step = height + (across ? side : gap);
  const place = (id) => {
    const [x, y] = across ? [column.get(id), line.get(id)] : [line.get(id), column.get(id)];
    return [2 + x * (width + between), top + y * step];
  };
  for (const [id, box] of boxes) {
    const [x, y] = place(id);
    Object.assign(box.style, { left: `${x}px`, top: `${y}px`, height: `${height}px` });
  }
  const size = [4 + count * (width + between) - between, top + 8 + (across ? lines : columns) * step - (across ? side : gap)];
  Object.assign(canvas.style, { width: `${size[0]}px`, height: `${size[1]}px` });
  const svg = document.createElementNS(SVG, "svg");
  for (const [name, value] of [["width", size[0]], ["height", size[1]], ["aria-hidden", "true"]]) svg.setAttribute(name, value);
  const draw = (tag, kind, attributes, text = "") => {
    const shape = document.createElementNS(SVG, tag);
    shape.setAttribute("class", kind);
    for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, value);
    shape.textContent = text;
    svg.append(shape);
  };
  for (const way of closed) drawClosed(draw, place(way.source), place(way.target), width, height, across);
  // Arrows of one node begin, and end, beside each other.
  const spread = (edge, end, other) => {
    const beside = edges.filter((each) => each[end] === edge[end]).sort((one, two) => line.get(one[other]) - line.get(two[other]));
    return (beside.indexOf(edge) - (beside.length - 1) / 2) * Math.min(14, (height - 24) / beside.length);
  };
  for (const edge of [...edges].sort((one, other) => lit.edges.has(one) - lit.edges.has(other))) {
    const [x, y] = place(edge.source), [toX, toY] = place(edge.target), kind = lit.edges.has(edge) ? "lit" : "";
    const out = spread(edge, "source", "target"), into = spread(edge, "target", "source");
    const [sx, sy] = across ? [x + width, y + height / 2 + out] : [x + width / 2 + out, y + height];
    const [ex, ey] = across ? [toX, toY + height / 2 + into] : [toX + width / 2 + into, toY];
    const bent = across ? `M${sx} ${sy} C${sx + gap / 2} ${sy} ${ex - gap / 2} ${ey} ${ex - 7} ${ey}` : `M${sx} ${sy} C${sx} ${sy + gap / 2} ${ex} ${ey - gap / 2} ${ex} ${ey - 7}`;
    draw("path", `arrow ${kind} ${edge.certain ? "" : "doubt"}`, { d: bent });
    draw("path", `head ${kind}`, { d: across ? `M${ex} ${ey} l-9 -4.5 v9 z` : `M${ex} ${ey} l-4.5 -9 h9 z` });
    const parts = breakLabel(edge.label);
    parts.forEach((part, number) => draw("text", "edge-label", { x: sx + (across ? gap / 2 - 4 : 0), y: across ? sy - 6 - 12 * (parts.length - 1 - number) : sy + 14 + 12 * number }, part));
  }
  canvas.prepend(svg);
  const key = (kind, text) => make("span", {}, make("i", { class: kind }), text), ways = state.picture.closed.map((way) => way.text);
  fill(byId("closed"), make("div", { class: "legend" }, key("k-outside", "outside"), key("", "AWS"), key("k-vpc", "in the VPC"), ways.length ? key("k-closed", "closed way") : null),
    ways.length ? list(ways, "plain soft") : "");
}

function drawClosed(draw, [x, y], [toX, toY], width, height, across) {
  const start = across ? [x + width / 2, y] : [x + width, y + height / 2], end = across ? [toX + width / 2, toY] : [toX + width, toY + height / 2];
  const bend = across ? [(start[0] + end[0]) / 2, Math.min(start[1], end[1]) - 62] : [Math.max(start[0], end[0]) + 40, (start[1] + end[1]) / 2];
  draw("path", "arrow closed", { d: `M${start} Q${bend} ${end}` });
  draw("text", "edge-label no", { x: (start[0] + 2 * bend[0] + end[0]) / 4, y: (start[1] + 2 * bend[1] + end[1]) / 4 - 4 }, "no");
}

// The lines of a label that stands between two boxes.
function breakLabel(label) {
  const lines = [];
  for (const word of label.split(/(?<=,) | (?!\d)/).filter(Boolean)) {
    const last = lines.length - 1;
    if (last >= 0 && !lines[last].endsWith(",") && (lines[last] + word).length < 11) lines[last] += ` ${word}`;
    else lines.push(word);
  }
  return lines.map((text) => text.replace(/,$/, ""));
}

function describeDecision(row) {
  if (!row.decides) return null;
  return make("p", {}, "Decided by ", make("code", {}, row.decides.key), " in ", make("code", {}, `${row.decides.file}:${row.decides.line}`));
}

function showWay(row) {
  const refused = row.status >= 400 || row.stopped, at = row.stopped ? ` It stopped at ${row.stopped}.` : "";
  const times = row.hops.map((hop) => `${hop.name}${hop.milliseconds ? ` ${hop.milliseconds} ms` : ""}`).join(" → ");
  byId("way").className = `way ${refused ? "refused" : "passed"}`;
  fill(byId("way"), make("p", {}, make("b", {}, `${row.status} ${row.method} ${row.path}`), ` · ${times}.${at}`),
    row.note ? make("p", {}, row.note) : "", describeDecision(row) || "");
}

// --- The list --------------------------------------------------------------------------------------------------------

function addRows(more) {
  const made = [];
  for (const row of more) {
    const known = rows.get(row.id);
    rows.set(row.id, row);
    if (known) {
      // After a change of the stack all rows come again.
      row.element = known.element;
      continue;
    }
    const why = row.note ? make("span", { class: "why" }, row.note) : null;
    row.element = make("li", {}, make("button", { type: "button", onclick: () => choose(row.id, true) },
      make("span", { class: `status s${Math.floor(row.status / 100)}` }, String(row.status)), make("span", {}, row.method),
      make("span", { class: "path" }, row.path), make("span", { class: "soft when" }, `${row.milliseconds} ms · ${row.time}`), why));
    made.push(row);
  }
  // Whoever reads further down keeps the place: the new calls are above it.
  const list = byId("list"), { scrollTop, scrollHeight } = list;
  list.prepend(...made.reverse().map((row) => row.element));
  for (const id of [...rows.keys()].slice(0, Math.max(0, rows.size - 200))) {
    rows.get(id).element.remove();
    rows.delete(id);
  }
  for (const row of made) {
    const known = [...byId("by-route").options].some((option) => option.value === row.route);
    if (row.route && !known) byId("by-route").append(make("option", { value: row.route }, row.route));
  }
  filterRows();
  if (scrollTop > 0) list.scrollTop = scrollTop + list.scrollHeight - scrollHeight;
}

function filterRows() {
  const status = byId("by-status").value, route = byId("by-route").value;
  let shown = 0;
  for (const row of rows.values()) {
    row.element.hidden = (status && !String(row.status).startsWith(status)) || (route && row.route !== route);
    shown += !row.element.hidden;
  }
  const last = [...rows.values()].pop();
  byId("count").textContent = last ? `${shown} of the last ${rows.size}, ${last.number} in all` : "";
  show("none", !rows.size);
  show("addresses", !rows.size);
}

async function choose(id, byHand = false) {
  const row = rows.get(id);
  if (!row) return;
  const before = rows.get(chosen);
  if (before) before.element.firstChild.removeAttribute("aria-current");
  row.element.firstChild.setAttribute("aria-current", "true");
  chosen = id;
  picked = picked || byHand;
  revealed = false;
  showWay(row);
  drawPicture();
  await showDetail();
  if (byHand) byId("detail").scrollIntoView({ block: "nearest" });
}

// --- One call --------------------------------------------------------------------------------------------------------

async function showDetail() {
  const id = chosen, detail = await ask("detail", { id, reveal: revealed }).catch((error) => ({ error }));
  if (id !== chosen) return;
  show("detail", true);
  byId("reveal").textContent = revealed ? "Hide secrets" : "Show secrets";
  byId("reveal").setAttribute("aria-pressed", String(revealed));
  if (detail.error) return fill(byId("course"), make("p", {}, detail.error.message));
  byId("again").disabled = !detail.replayable;
  const fact = (name, value) => value ? [make("dt", {}, name), make("dd", {}, value)] : [];
  const left = detail.allowances.map((each) => `${each.name}: ${each.limit}, ${each.left} left`);
  const { address, endpoint } = detail.caller, from = endpoint && endpoint !== "none" ? `${address} through ${endpoint}` : `${address}`;
  fill(byId("course"),
    make("dl", { class: "facts" }, ...fact("Call", `${detail.number}, at ${detail.time}, ${detail.id}`), ...fact("Result", `${detail.status} in ${detail.milliseconds} ms`),
      ...fact("Route", detail.route), ...fact("Caller", from), ...fact("Time of each hop", detail.hops.map((hop) => `${hop.name} ${hop.milliseconds ? `${hop.milliseconds} ms` : ""}`).join(" → ")),
      ...fact("Why", detail.note), ...fact("Decided by", detail.decides && `${detail.decides.key} (${detail.decides.file}:${detail.decides.line})`),
      ...fact("Left", left.length ? list(left) : "")),
    make("div", { class: "steps" }, ...detail.steps.map(makeStep)),
    detail.log.length ? make("details", { open: true }, make("summary", {}, "Log of the function"), make("pre", { tabindex: "0" }, detail.log.join("\n"))) : "",
    detail.accessLog ? make("details", {}, make("summary", {}, "Line of the access log"), make("pre", { tabindex: "0" }, detail.accessLog)) : "");
}

function makeStep(step) {
  const signs = { added: "+ ", changed: "~ ", removed: "− ", "": "" }, words = { added: "added: ", changed: "changed: ", removed: "removed: " };
  const item = (header) => make("li", { class: header.change }, make("span", { "aria-hidden": "true" }, signs[header.change]),
    header.change ? make("span", { class: "hidden-label" }, words[header.change]) : null, `${header.name}: ${header.value}`,
    header.before === undefined ? null : make("span", { class: "soft" }, ` (was ${header.before})`));
  const changed = step.headers.filter((header) => header.change), same = step.headers.filter((header) => !header.change);
  const fold = changed.length > 0 && same.length > 0;
  return make("section", { class: "step" }, make("h3", {}, step.title),
    step.line ? make("p", { class: "mono" }, step.line, step.milliseconds ? make("span", { class: "soft" }, ` · ${step.milliseconds} ms`) : null) : null,
    step.changed && step.changed.length ? list(step.changed.map((text) => `~ ${text}`), "headers changed") : null,
    changed.length ? make("ul", { class: "headers" }, ...changed.map(item)) : null,
    fold ? make("details", {}, make("summary", {}, `${same.length} headers as before`), make("ul", { class: "headers" }, ...same.map(item)))
      : make("ul", { class: "headers" }, ...same.map(item)),
    step.body.size ? makeBody(step.body) : make("p", { class: "note" }, "no body"));
}

function makeBody(body) {
  let text = body.text;
  try { text = JSON.stringify(JSON.parse(text), null, 2); } catch { /* it is no JSON, or only the first part of it */ }
  const part = body.shown !== undefined && body.shown < body.size ? `, of which the first ${body.shown} are shown` : "";
  return make("details", { open: body.size < 2000 }, make("summary", {}, `Body: ${body.size} bytes${part}`), make("pre", { tabindex: "0" }, text));
}

// --- The form --------------------------------------------------------------------------------------------------------

const form = () => state.forms[byId("route").selectedIndex];

function addHeader(name = "", value = "") {
  const row = make("div", { class: "header-row" }, make("input", { "aria-label": "Name of the header", value: name, spellcheck: "false" }),
    make("input", { "aria-label": `Value of the header ${name}`, value, spellcheck: "false" }),
    make("button", { type: "button", class: "quiet", "aria-label": `Remove the header ${name}`, onclick: () => row.remove() }, "✕"));
  byId("headers").append(row);
}

function fillForm() {
  const filled = form();
  editing = null;
  show("editing", false);
  show("path-field", false);
  show("same-field", false);
  if (!filled) return;
  fill(byId("method"), ...filled.methods.map((name) => make("option", {}, name)));
  fill(byId("variables"), ...filled.variables.map((name) => make("label", { class: "wide" }, `{${name}} in the path`, make("input", { "data-variable": name, value: name, spellcheck: "false" }))));
  fill(byId("headers"));
  for (const [name, value] of filled.headers) addHeader(name, value);
  fillNeeds(filled);
  byId("query").value = "";
  byId("body").value = filled.body;
  document.querySelector(`[name=kind][value=${filled.body ? "json" : "text"}]`).checked = true;
  showFields();
}

// One field for each need of the route, whose choices have it (✓) or lack it (✗).
function fillNeeds(filled, asItWas = false) {
  const own = asItWas ? [make("option", { value: "-1" }, "as it was")] : [], asked = filled.needs.filter((need) => need.choices.length > 1);
  fill(byId("needs"), ...asked.map((need) => make("label", { class: "wide" }, need.name, make("select", { "data-need": need.name },
    ...own, ...need.choices.map((choice, place) => make("option", { value: place }, `${choice.right ? "✓" : "✗"} ${choice.label}`))))));
  byId("claims").value = "";
  show("claims-field", filled.takesClaims);
  show("anybody", !asked.length);
}

const kindOfBody = () => document.querySelector("[name=kind]:checked").value;

function showFields() {
  show("body-field", ["text", "json"].includes(kindOfBody()));
  show("file-field", kindOfBody() === "file");
}

async function readFile() {
  const [file] = byId("file").files;
  if (!file) throw new Error("Choose a file first.");
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return btoa(text);
}

async function readForm() {
  const filled = form(), kind = kindOfBody();
  const headers = [...byId("headers").children].map((row) => [...row.querySelectorAll("input")].map((input) => input.value));
  const fields = {
    place: filled.place, method: byId("method").value, query: byId("query").value, headers, claims: byId("claims").value,
    choices: Object.fromEntries([...document.querySelectorAll("[data-need]")].map((field) => [field.dataset.need, Number(field.value)])),
    path: editing ? byId("path").value : filled.path,
    variables: editing ? {} : Object.fromEntries([...byId("variables").querySelectorAll("input")].map((input) => [input.dataset.variable, input.value])),
  };
  if (editing) fields.id = editing.id;
  if (kind === "same") fields.sameBody = true;
  else if (kind === "file") fields.bodyBase64 = await readFile();
  else fields.body = byId("body").value;
  if (kind === "json") {
    try { JSON.parse(fields.body); } catch (error) { throw new Error(`The body is no JSON: ${error.message}`); }
    if (!headers.some(([name]) => name.toLowerCase() === "content-type")) headers.push(["Content-Type", "application/json"]);
  }
  return fields;
}

async function editCall() {
  const filled = await ask("edit", { id: chosen });
  const place = state.forms.findIndex((each) => each.api === filled.api && each.name === filled.route);
  byId("route").selectedIndex = Math.max(0, place);
  fillForm();
  editing = filled;
  byId("editing").textContent = "You edit a call of the list. Secrets that you leave masked are sent as they were.";
  show("editing", true);
  show("path-field", true);
  show("same-field", true);
  byId("path").value = filled.path;
  byId("query").value = filled.query;
  fill(byId("variables"));
  if (![...byId("method").options].some((option) => option.value === filled.method)) byId("method").append(make("option", {}, filled.method));
  byId("method").value = filled.method;
  fill(byId("headers"));
  for (const [name, value] of filled.headers) addHeader(name, value);
  fillNeeds(form(), true);
  byId("body").value = filled.body;
  document.querySelector(`[name=kind][value=${filled.isText ? "text" : "same"}]`).checked = true;
  showFields();
  byId("send").scrollIntoView();
  byId("path").focus();
}

async function send(action, fields) {
  const told = byId("sent");
  told.className = "sent";
  told.textContent = "Sending…";
  byId("submit").disabled = true;
  try {
    const result = await ask(action, await fields);
    for (let wait = 0; wait < 40 && !rows.has(result.id); wait++) await new Promise((done) => setTimeout(done, 50));
    picked = false;
    await choose(result.id);
    told.textContent = `Answered ${result.status}.`;
    told.className = `sent ${result.status < 400 ? "good-text" : "bad-text"}`;
  } catch (error) {
    told.textContent = error.message;
    told.className = "sent bad-text";
  } finally {
    byId("submit").disabled = false;
  }
}

async function copyCurl(fields, button) {
  const words = button.textContent;
  try {
    const { curl } = await ask("curl", { ...(await fields), reveal: true });
    await navigator.clipboard.writeText(curl);
    button.textContent = "Copied, with its secrets";
  } catch (error) {
    button.textContent = error.message;
  }
  setTimeout(() => { button.textContent = words; }, 2500);
}

// --- The report ------------------------------------------------------------------------------------------------------

const dollars = (amount) => amount === null ? "not known" : `$${amount.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;

function showCosts(costs) {
  const line = (name, amount, kind = "") => make("tr", { class: kind }, make("th", { scope: "row" }, name), make("td", {}, dollars(amount)));
  const { sums, cost } = costs, parts = Object.entries(cost.components).map(([name, amount]) => line(name, amount));
  const requests = costs.usage.find((each) => each.name === "requests").value, worst = cost.worstMonth;
  const other = sums.otherUse === 0 ? [] : [line("other use", sums.otherUse)];
  fill(byId("cost"), make("table", {}, make("tbody", {}, ...parts, line("without calls", sums.withoutCalls, "sum"), line(`${requests} requests`, sums.calls, "sum"), ...other)),
    worst && worst.usdWithFixedCosts !== null ? make("p", { class: "soft" }, `At the limit all month: ${dollars(worst.usdWithFixedCosts)} (${worst.why})`) : "",
    ...(worst ? worst.notCounted : []).map((calls) => make("p", { class: "soft" }, `At the limit all month: not known, because of ${calls}`)),
    make("p", { class: "soft" }, `${cost.region}, prices of ${cost.pricesOf}; AWS Free Tier not deducted`),
    cost.cheaper.length ? list(cost.cheaper) : "");
}

function showUsage(costs) {
  fill(byId("usage"), ...costs.usage.map((each) => make("label", { title: each.meaning }, each.name, make("input", { name: each.name, value: each.value, "aria-describedby": `usage-${each.name}` }), make("small", { id: `usage-${each.name}`, class: "soft" }, each.meaning))));
}

async function recalculate() {
  const fields = Object.fromEntries(new FormData(byId("usage")).entries());
  try { showCosts(await ask("usage", fields)); } catch (error) { fill(byId("cost"), make("p", { class: "bad-text" }, error.message)); }
}

function showReport() {
  const { report } = state, group = (title, kinds) => {
    const paths = report.paths.filter((path) => kinds.includes(path.kind));
    return paths.length ? [make("h4", {}, title), make("ul", { class: "plain" }, ...paths.map((path) => make("li", { class: path.open === false ? "soft" : "" }, path.text)))] : [];
  };
  fill(byId("who"), make("p", {}, make("b", {}, report.fromOutside)), report.openToAnyone.length ? list(report.openToAnyone, "plain warn-text") : "",
    ...group("Calls", ["inbound"]), ...group("People", ["people"]), ...group("Calls of the backend itself", ["outbound"]),
    ...(report.limitations.length ? [make("h4", {}, "Limitations"), list(report.limitations)] : []));
  const finding = (each) => make("li", {}, make("b", { class: each.status === "failed" ? "bad-text" : "" }, `${each.status} ${each.rule}`), ` (${each.severity}) ${each.message}`,
    each.declaredAt ? make("code", {}, ` ${each.declaredAt}`) : null, make("details", {}, make("summary", {}, "What to do"), each.remedy));
  fill(byId("rules"), make("p", {}, make("b", {}, report.verdict)), make("ul", { class: "plain" }, ...report.findings.map(finding)),
    ...(state.different.length ? [make("h4", {}, "Different here from AWS"), list(state.different)] : []),
    ...(report.notes.length ? [make("h4", {}, "Notes"), list(report.notes)] : []));
  showCosts(report);
  showUsage(report);
}

// --- Start -----------------------------------------------------------------------------------------------------------

async function load() {
  const route = state ? byId("route").value : "";
  state = await ask("state");
  const { report } = state;
  document.title = `${state.name} · Gatehouse`;
  byId("name").textContent = `${state.name} on this machine`;
  fill(byId("facts"), ...[report.topology, report.region, `rules: ${report.verdict}`].filter(Boolean).map((text) => make("li", {}, text)));
  fill(byId("addresses"), ...Object.entries(state.apis).map(([name, url]) => make("li", {}, `${name} ${url}`)));
  fill(byId("route"), ...state.forms.map((each) => make("option", {}, `${each.api}  ${each.name}`)));
  if ([...byId("route").options].some((option) => option.value === route)) byId("route").value = route;
  byId("submit").disabled = !state.forms.length;
  fillForm();
  show("changes", state.changes !== null);
  if (state.changes) {
    byId("changes-heading").textContent = state.changes.heading;
    fill(byId("changes-lines"), ...state.changes.lines.map((line) => make("li", {}, `${line.sign} ${line.text}`)));
  }
  showReport();
  drawPicture();
}

function listen() {
  const events = new EventSource(`events?token=${encodeURIComponent(token)}`);
  const tell = (text, on) => { byId("live").textContent = text; byId("live").classList.toggle("on", on); };
  events.addEventListener("version", async (event) => {
    tell("Live", true);
    if (!state || state.version !== JSON.parse(event.data).version) await load().catch((error) => tell(error.message, false));
  });
  events.addEventListener("calls", (event) => {
    const more = JSON.parse(event.data), fresh = more.filter((row) => !rows.has(row.id));
    addRows(more);
    // The last call is shown, until somebody picks another.
    if (fresh.length && !picked && state) choose(fresh[fresh.length - 1].id);
  });
  events.addEventListener("message", (event) => {
    if (!event.data) return;
    byId("message").textContent = JSON.parse(event.data).text;
    show("message", byId("message").textContent !== "");
  });
  events.onerror = () => tell("Not connected: is the command still running?", false);
}

byId("route").addEventListener("change", fillForm);
byId("add-header").addEventListener("click", () => { addHeader(); byId("headers").lastChild.firstChild.focus(); });
for (const radio of document.querySelectorAll("[name=kind]")) radio.addEventListener("change", showFields);
byId("form").addEventListener("submit", (event) => { event.preventDefault(); send("send", readForm()); });
byId("reset").addEventListener("click", fillForm);
byId("form-curl").addEventListener("click", (event) => copyCurl(readForm(), event.target));
byId("by-status").addEventListener("change", filterRows);
byId("by-route").addEventListener("change", filterRows);
byId("again").addEventListener("click", () => send("replay", { id: chosen }));
byId("edit").addEventListener("click", () => editCall());
byId("curl").addEventListener("click", (event) => copyCurl({ id: chosen }, event.target));
byId("reveal").addEventListener("click", () => { revealed = !revealed; showDetail(); });
byId("usage").addEventListener("input", () => { clearTimeout(recalculate.waiting); recalculate.waiting = setTimeout(recalculate, 300); });
byId("usage").addEventListener("submit", (event) => event.preventDefault());
let drawn = 0;
new ResizeObserver(() => { if (byId("picture").clientWidth !== drawn) { drawn = byId("picture").clientWidth; drawPicture(); } }).observe(byId("picture"));
listen();
