"use strict";
// Watches a program in Node.js: which functions of `apply` were not called. Its first argument is the script of Pulumi's
// SDK that runs programs, which it starts with the other arguments; `--require` would load it in threads of loaders too.
// What it reports is a claim of the program's process: it may only add doubt.

const Module = require("node:module");
const path = require("node:path");
const url = require("node:url");
const util = require("node:util");

process.argv.splice(1, 1);
const option = (name) => process.argv[process.argv.indexOf(name) + 1];
const [address, root] = [option("--monitor"), option("--root-directory")];
const waiting = new Map();
const watched = new WeakSet();
// Not of a module in TypeScript that is loaded by its address: that is a line of what it was compiled to.
const POSITION = /^\s*at (?:.* \()?(?!file:.*ts:\d)(?:file:\/\/)?(?<file>\/.*):(?<line>\d+):(?<column>\d+)\)?$/;
let grpc;

// The SDK writes an error with colours. Node.js 20.20 does not come back from that if its stack has a file right below a
// scope, as `node_modules/@pulumi/config.ts` in the SDK's own source maps; and a message needs no colours.
const plain = (value, options) => (value instanceof Error ? { ...Object(options), colors: false } : options);
util.inspect = new Proxy(util.inspect, {
  apply: (inspect, self, [value, options, ...more]) => inspect.call(self, value, plain(value, options), ...more),
});

const load = Module._load;
Module._load = function (request, ...more) {
  const loaded = load.call(this, request, ...more);
  if (request === "@grpc/grpc-js") grpc ??= loaded;
  try {
    if (/(^|\/)output(\.js)?$/.test(request)) watch(loaded?.Output?.prototype);
    // The SDK passes over the outermost frame of an ES module, which has no function's name.
    if (/(^|\/)resource(\.js)?$/.test(request) && loaded?.Resource) loaded.Resource.framePositionRegExp = POSITION;
  } catch {
    // A file of the program that is called so as well, and whose class is frozen.
  }
  return loaded;
};

function watch(outputs) {
  if (typeof outputs?.apply !== "function" || watched.has(outputs)) return;
  watched.add(outputs);
  const apply = outputs.apply;
  outputs.apply = function (callback, ...more) {
    const place = typeof callback === "function" && mayDeclare(callback) && caller();
    if (!place) return apply.call(this, callback, ...more);
    const key = {};
    waiting.set(key, place);
    const called = (...values) => (waiting.delete(key), callback(...values));
    return apply.call(this, called, ...more);
  };
}

// Names of the language, which declare nothing.
const HARMLESS = new Set(
  ("Array BigInt Boolean Buffer Date Error Infinity JSON Map Math NaN Number Object Promise RegExp Set String TypeError URL " +
    "URLSearchParams await break case catch console const continue decodeURIComponent default delete do else " +
    "encodeURIComponent false finally for function if in instanceof isNaN let new null parseFloat parseInt return switch " +
    "throw true try typeof undefined var void while").split(" "),
);

const SKIPPED = /\/\/.*|\/\*[^]*?\*\/|"(?:[^"\\\n]|\\[^])*"|'(?:[^'\\\n]|\\[^])*'/y;
const EXPRESSION = /\/(?:[^\\/[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
// A name alone, such as `${prefix}`, is no more than text.
const TEMPLATE = /(?:[^\\`$]|\\[^]|\$(?!\{)|\$\{\s*[A-Za-z_$][\w$]*\s*\})*(?:`|\$\{)/y;
const BEFORE_EXPRESSION = /(?:^|[(,=:[!&|?{;*%~^<>]|(?<![\w$.])return)\s*$/;

// The text of a function without its comments and the text of its strings. Undefined if that cannot be told.
function code(text) {
  const open = []; // For each `${` that is open, how many brackets are open within it.
  let [kept, at] = ["", 0];
  const take = (pattern) => {
    pattern.lastIndex = at;
    const taken = pattern.exec(text)?.[0];
    at += taken?.length ?? 0;
    return taken;
  };
  while (at < text.length) {
    const skipped = take(SKIPPED);
    const next = text[at];
    const resumed = next === "}" && open.at(-1) === 0;
    const word = /([\w$]+|[\])])\s*$/.exec(kept)?.[1];
    if (skipped) {
      kept += skipped[0] !== "/" ? '""' : skipped.includes("\n") ? "\n" : " ";
    } else if (next === "`" || resumed) {
      if (!resumed && word && !HARMLESS.has(word)) return undefined; // A function that gets the parts.
      at += 1;
      if (resumed) open.pop();
      const piece = take(TEMPLATE);
      if (!piece) return undefined;
      if (piece.endsWith("{")) open.push(0);
      kept += (resumed ? ")" : "(") + (piece.endsWith("{") ? "(" : ")");
    } else if (next === "/" && BEFORE_EXPRESSION.test(kept)) {
      if (!take(EXPRESSION)) return undefined;
      kept += '""';
    } else {
      if (/["'\\]|[^\x00-\x7f]/.test(next) || (next === "/" && (!word || word === ")" || HARMLESS.has(word)))) return undefined;
      if (open.length && /[{}]/.test(next)) open[open.length - 1] += next === "{" ? 1 : -1;
      kept += next;
      at += 1;
    }
  }
  return kept;
}

// Where the bracket closes that `from` is within, or where one of the characters of `stops` is.
function end(text, from, stops = "") {
  for (let depth = 0, at = from; at < text.length; at += 1) {
    if (depth === 0 && (stops + ")]}").includes(text[at])) return at;
    depth += "([{".includes(text[at]) ? 1 : ")]}".includes(text[at]) ? -1 : 0;
  }
  return text.length;
}

const ASYNC = /(?<![\w$.])async(?=\s+function\b|\s+[\w$]+\s*=>|\s*\([^()]*\)\s*=>)/g;
const OF = /(?<![\w$.])((?:const|let|var)\s+(?:[\w$]+|[[{][^()=;]*[\]}])\s*)\bof\b/g;
const FUNCTION = /(?<![\w$.])(?:function\b\s*\*?\s*[\w$]*|catch)\s*\(([^()]*)\)\s*\{/g;
const ARROW = /(?:\(([^()]*)\)|(?<![\w$.])([\w$]+))\s*=>\s*/g;
const DECLARED = /(?<![\w$.])(?:const|let|var)\s+([\w$]+|[[{][^()=;]*[\]}])\s*(?=[=;])/g;
const MENTIONED = /(?<![\w$]|(?<!\.\.)\.\s*)[A-Za-z_$][\w$]*/g;

// Names that a pattern binds: none if it has defaults or computed keys, which are code.
const bound = (pattern) =>
  /[^\w$\s,{}[\]:.]|(?<!\.)\.{1,2}(?!\.)|\]\s*:/.test(pattern) ? [] : pattern.replace(/[\w$]+\s*:/g, "").match(/[\w$]+/g) ?? [];

// Whether a function mentions anything but values that it gets, what it makes of them, and names of the language.
function mayDeclare(callback) {
  const whole = Function.prototype.toString.call(callback);
  const text = code(whole.replace(/^(async\s+)?function\b(\s*\*)?\s*[\w$]*/, "function"))?.replace(ASYNC, "").replace(OF, "$1=");
  if (text === undefined || whole.includes("[native code]")) return true;
  const scopes = [];
  for (const { 0: head, 1: pattern, index } of text.matchAll(FUNCTION)) {
    scopes.push([bound(pattern), index, end(text, index + head.length)]);
  }
  for (const { 0: head, 1: several, 2: one, index } of text.matchAll(ARROW)) {
    const body = index + head.length;
    scopes.push([bound(several ?? one), index, text[body] === "{" ? end(text, body + 1) : end(text, body, ",;\n")]);
  }
  for (const { 1: pattern, index } of text.matchAll(DECLARED)) {
    const closed = end(text, index);
    const loop = /^\)\s*\{/.exec(text.slice(closed));
    scopes.push([bound(pattern), index, loop ? end(text, closed + loop[0].length) : closed]);
  }
  return [...text.matchAll(MENTIONED)].some(({ 0: name, index }) => {
    const isKey = /[{,]\s*$/.test(text.slice(0, index)) && /^\s*:/.test(text.slice(index + name.length));
    const isBound = ([names, from, to]) => from <= index && index < to && names.includes(name);
    return !isKey && !HARMLESS.has(name) && !scopes.some(isBound);
  });
}

// The frame that called `apply` itself. A program may have changed what a stack is: then there is none.
function frame() {
  try {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 20;
    const lines = String(new Error().stack).split("\n").slice(1);
    Error.stackTraceLimit = limit;
    return lines.find((line) => !line.includes(__filename) && /:\d+:\d+\)?$/.test(line)) ?? "";
  } catch {
    return "";
  }
}

// What called `apply`, with its file and line where they are known. Undefined for Pulumi's own packages, as of lifted outputs.
function caller() {
  const [, address, line] = /^\s*at (?:.*? \()?((?:file:\/\/)?\/[^:]*):(\d+):\d+\)?$/.exec(frame()) ?? [];
  if (!address) return "a function of apply";
  const file = address.startsWith("file:") ? url.fileURLToPath(address) : address;
  const [, ours, inside] = /.*\/node_modules\/(@pulumi\/)?(.*)/.exec(file) ?? [];
  if (ours) return undefined;
  const own = inside ? `node_modules/${inside}` : path.relative(root, file);
  return `the function of apply at ${own}${/^file:.*ts$/.test(address) ? "" : `:${line}`}`;
}

process.once("beforeExit", () => {
  if (!grpc || waiting.size === 0) return;
  const client = new grpc.Client(address, grpc.credentials.createInsecure());
  const claim = { unrun: Object.fromEntries([...waiting.values()].map((place) => [place, null])) };
  const same = (bytes) => bytes;
  client.makeUnaryRequest("/gatehouse.Program/Tell", same, same, Buffer.from(JSON.stringify(claim)), () => client.close());
});

require(process.argv[1]);
