"use strict";
// Watches a program in Node.js: which functions of `apply` were not called. Its first argument is the script of Pulumi's
// SDK that runs programs, which it starts with the other arguments; `--require` would load it in threads of loaders too.
// What it reports is a claim of the program's process: it may only add doubt.

const Module = require("node:module");
const path = require("node:path");
const url = require("node:url");

process.argv.splice(1, 1);
const option = (name) => process.argv[process.argv.indexOf(name) + 1];
const [address, root] = [option("--monitor"), option("--root-directory")];
const waiting = new Map();
const watched = new WeakSet();
// Not of a module in TypeScript that is loaded by its address: that is a line of what it was compiled to.
const POSITION = /^\s*at (?:.* \()?(?!file:.*ts:\d)(?:file:\/\/)?(?<file>\/.*):(?<line>\d+):(?<column>\d+)\)?$/;
let grpc;

const load = Module._load;
Module._load = function (request, ...more) {
  const loaded = load.call(this, request, ...more);
  if (request === "@grpc/grpc-js") grpc ??= loaded;
  if (/(^|\/)output(\.js)?$/.test(request)) watch(loaded?.Output?.prototype);
  // The SDK passes over the outermost frame of an ES module, which has no function's name.
  if (/(^|\/)resource(\.js)?$/.test(request) && loaded?.Resource) loaded.Resource.framePositionRegExp = POSITION;
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

// Functions of the language, which declare nothing, and words before a bracket.
const HARMLESS = new Set(
  ("Array BigInt Boolean Buffer Date Error JSON Map Math Number Object Promise RegExp Set String URL URLSearchParams " +
    "await case catch console decodeURIComponent do else encodeURIComponent for function if in isNaN of parseFloat " +
    "parseInt return switch throw typeof void while").split(" "),
);

const NAMES = /[\w$]+/g;
const PARAMETERS = /(?<!\b(?:if|for|while|switch|catch)\s*)\(([^()]*)\)\s*(?:=>|\{)|([\w$]+)\s*=>/g;
const CALLS = /(?<![\w$.])([A-Za-z_$][\w$]*)(?:\s*\??\.\s*[\w$]+)*\s*(?:\?\.)?[(`]|\bnew\s+([\w$]+)/g;

// Whether a function calls or constructs anything but values that it gets and functions of the language.
function mayDeclare(callback) {
  const text = Function.prototype.toString.call(callback).replace(/^(async\s+)?function\s*\*?\s*[\w$]*/, "");
  const parameters = [...text.matchAll(PARAMETERS)].flatMap(([, several, one]) => (several ?? one).match(NAMES) ?? []);
  const harmless = (name) => HARMLESS.has(name) || parameters.includes(name);
  return text.includes("[native code]") || [...text.matchAll(CALLS)].some(([, called, made]) => !harmless(called ?? made));
}

// File and line of the program's own code that called `apply` itself, and not through the SDK.
function caller() {
  const frame = new Error().stack.split("\n").slice(1).find((line) => !line.includes(__filename)) ?? "";
  const [, file, line] = /\(?((?:file:\/\/|\/)[^()]*?):(\d+):\d+\)?$/.exec(frame) ?? [];
  if (!file) return undefined;
  const own = path.relative(root, file.startsWith("file:") ? url.fileURLToPath(file) : file);
  if (own.startsWith("..") || own.includes("node_modules")) return undefined;
  return `the function of apply at ${own}${/^file:.*ts$/.test(file) ? "" : `:${line}`}`;
}

process.once("beforeExit", () => {
  if (!grpc || waiting.size === 0) return;
  const client = new grpc.Client(address, grpc.credentials.createInsecure());
  const claim = { unrun: Object.fromEntries([...waiting.values()].map((place) => [place, null])) };
  const same = (bytes) => bytes;
  client.makeUnaryRequest("/gatehouse.Program/Tell", same, same, Buffer.from(JSON.stringify(claim)), () => client.close());
});

require(process.argv[1]);
