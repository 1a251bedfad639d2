"use strict";
// Watches a program in Node.js: functions of `apply` that were not called, code for deployments and hooks, processes that it starts, and that it came to its
// end. Its first argument is the script of Pulumi's SDK that runs programs, which it starts with the other arguments;
// `--require` would load it in threads of loaders too.
// What it reports is a claim of the program's process: it may only add doubt.

const child = require("node:child_process");
const threads = require("node:worker_threads");
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

const HOOKS = ["ResourceHook", "ErrorHook"];
const load = Module._load;
Module._load = function (request, ...more) {
  const loaded = load.call(this, request, ...more);
  if (request === "@grpc/grpc-js") grpc ??= loaded;
  try {
    if (/(^|\/)output(\.js)?$/.test(request)) watch(loaded?.Output?.prototype);
    // The SDK passes over the outermost frame of an ES module, which has no function's name.
    if (/(^|\/)resource(\.js)?$/.test(request) && loaded?.Resource) loaded.Resource.framePositionRegExp = POSITION;
    if (/(^|\/)settings(\.js)?$/.test(request)) notice(loaded, "isDryRun", "the code for deployments");
    if (/(^|\/)resource(\.js)?$/.test(request)) for (const hook of HOOKS) notice(loaded, hook, `the code of ${hook}`);
  } catch {
    // A file of the program that is called so as well, and whose class is frozen.
  }
  return loaded;
};

// Name who uses a function that leads to code which no preview runs: wherever it is, and however it came by the function.
const guarded = new Set();
function notice(module, name, code) {
  const own = module?.[name];
  if (typeof own !== "function" || watched.has(own)) return;
  const note = () => ofPulumi() || ((place) => place !== undefined && guarded.add(code + place))(caller());
  const apply = (called, self, given) => (note(), Reflect.apply(called, self, given));
  const construct = (called, given, made) => (note(), Reflect.construct(called, given, made));
  module[name] = new Proxy(own, { apply, construct });
  watched.add(module[name]);
}

// Whether the SDK itself calls: it asks often, and a whole stack is slow.
function ofPulumi() {
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = 4;
    Error.prepareStackTrace = (_, frames) => frames.map((one) => one.getFileName());
    const files = new Error().stack;
    return files.find((file) => file !== __filename)?.includes("/node_modules/@pulumi/pulumi/");
  } catch {
    return false;
  } finally {
    Object.assign(Error, { prepareStackTrace, stackTraceLimit });
  }
}

function watch(outputs) {
  if (typeof outputs?.apply !== "function" || watched.has(outputs)) return;
  watched.add(outputs);
  const apply = outputs.apply;
  outputs.apply = function (callback, ...more) {
    const place = typeof callback === "function" && mayDeclare(callback) ? caller() : undefined;
    if (place === undefined) return apply.call(this, callback, ...more);
    const key = {};
    waiting.set(key, `${place ? "the" : "a"} function of apply${place}`);
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

// What is before a value of an object, and after it: nothing calls it there, but for methods that the language looks for.
const KEY = /[{,]\s*(?!(?:then|to[A-Z]\w*|valueOf)\s*:)(?:[\w$]+|"")\s*:\s*$/;
const VALUE = /^\s*[,}]/;

// Whether a function mentions anything but values that it gets, what it makes of them, and names of the language.
function mayDeclare(callback) {
  const whole = Function.prototype.toString.call(callback);
  const text = code(whole.replace(/^(async\s+)?function\b(\s*\*)?\s*[\w$]*/, "function"))?.replace(ASYNC, "").replace(OF, "$1=");
  // The constructor of a value leads to that of functions, which makes code of a text.
  if (text === undefined || /\[native code\]|constructor/.test(whole)) return true;
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
    const [before, after] = [text.slice(Math.max(0, index - 99), index), text.slice(index + name.length)];
    const isKey = /[{,]\s*$/.test(before) && /^\s*:/.test(after);
    const isValue = KEY.test(before) && VALUE.test(after);
    const isBound = ([names, from, to]) => from <= index && index < to && names.includes(name);
    return !isKey && !isValue && !HARMLESS.has(name) && !scopes.some(isBound);
  });
}

// The frame that called `apply` or started a process. A program may have changed what a stack is: then there is none.
function frame() {
  try {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 20;
    const lines = String(new Error().stack).split("\n").slice(1);
    Error.stackTraceLimit = limit;
    return lines.find((line) => !/node:internal|node:child/.test(line) && !line.includes(__filename) && /:\d+:\d+\)?$/.test(line)) ?? "";
  } catch {
    return "";
  }
}

// Its file and line, as " at file:line", or nothing if they are not known. Undefined for Pulumi's own packages.
function caller() {
  const [, address, line] = /^\s*at (?:.*? \()?((?:file:\/\/)?\/[^:]*):(\d+):\d+\)?$/.exec(frame()) ?? [];
  if (!address) return "";
  const file = address.startsWith("file:") ? url.fileURLToPath(address) : address;
  const [, ours, inside] = /.*\/node_modules\/(@pulumi\/)?(.*)/.exec(file) ?? [];
  if (ours) return undefined;
  const own = inside ? `node_modules/${inside}` : path.relative(root, file);
  return ` at ${own}${/^file:.*ts$/.test(address) ? "" : `:${line}`}`;
}

const started = new Set();
const noted = (start, name) =>
  function (...given) {
    const command = name(...given);
    started.add(`the program started ${path.basename(String(command)) || "another process"}${caller() ?? ""}`);
    return start.apply(this, given);
  };
const word = (command) => String(command).trim().split(" ")[0];
for (const [holder, method, name] of [
  [child.ChildProcess.prototype, "spawn", (options) => options?.file === "/bin/sh" ? word(options.args?.at(-1)) : options?.file],
  [child, "spawnSync", (file, ...more) => (more.some((one) => one?.shell) ? word(file) : file)],
  [child, "execFileSync", (file) => file],
  [child, "execSync", word],
]) {
  holder[method] = noted(holder[method], name);
}
// What a thread starts by itself is not seen here.
threads.Worker = new Proxy(threads.Worker, {
  construct(kind, given, made) {
    started.add(`the program started a thread${caller() ?? ""}`);
    return Reflect.construct(kind, given, made);
  },
});
Module.syncBuiltinESMExports();

let last = "";
// Again when what comes of it is done: code that runs at this event may declare more. No process that ends by itself comes here.
process.on("beforeExit", () => {
  const unrun = Object.fromEntries([...guarded, ...waiting.values()].map((place) => [place, null]));
  const claims = [{ unrun }, { attempts: [], started: [...started] }].map((claim) => JSON.stringify(claim));
  if (!grpc || String(claims) === last) return;
  last = String(claims);
  const client = new grpc.Client(address, grpc.credentials.createInsecure());
  const same = (bytes) => bytes;
  const tell = () => {
    const claim = claims.shift();
    if (!claim) return client.close();
    client.makeUnaryRequest("/gatehouse.Program/Tell", same, same, Buffer.from(claim), tell);
  };
  tell();
});

require(process.argv[1]);
