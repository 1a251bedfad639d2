// Runs a Node.js function as AWS's own runtime client does: takes events from the Runtime API until it is gone.
// https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
import http from "node:http";
import path from "node:path";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { types } from "node:util";

const base = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;
const streaming = Symbol.for("aws.lambda.runtime.handler.streaming");
const require = createRequire(import.meta.url);

class RuntimeError extends Error {
  constructor(kind, message) {
    super(message);
    this.name = `Runtime.${kind}`;
  }
}

// https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html
globalThis.awslambda = {
  streamifyResponse: (handler) => Object.assign(handler, { [streaming]: "response" }),
  HttpResponseStream: {
    from(stream, prelude) {
      stream.setContentType("application/vnd.awslambda.http-integration-response");
      stream.prelude = JSON.stringify(prelude);
      return stream;
    },
  },
};

const text = (body) => {
  try {
    return JSON.stringify(body === undefined ? null : body);
  } catch {
    throw new Error("Unable to stringify response body");
  }
};
const failure = (error) => {
  const like = error && ["name", "message", "stack"].every((key) => error[key] && typeof error[key] === "string");
  return types.isNativeError(error) || like
    ? { errorType: error.name, errorMessage: error.message }
    : { errorType: typeof error, errorMessage: String(error) };
};
const post = async (place, body) => (await fetch(`${base}/${place}`, { method: "POST", body })).arrayBuffer();
let unanswered = "init/error";
const fail = async (error) => {
  const place = unanswered;
  unanswered = "";
  console.error(error);
  if (place) await post(place, text(failure(error)));
};
const end = async (error, status) => {
  await fail(error);
  process.exit(status);
};

// The loop of events is empty: nothing of the function will answer later.
let whenEmpty = () => {};
process.on("beforeExit", () => whenEmpty());
process.on("uncaughtException", (error) => end(error, 129));
process.on("unhandledRejection", (reason) => end(new RuntimeError("UnhandledPromiseRejection", String(reason)), 128));

const isModule = (folder) => {
  const file = path.join(folder, "package.json");
  if (existsSync(file)) return JSON.parse(readFileSync(file)).type === "module";
  return folder !== path.dirname(folder) && isModule(path.dirname(folder));
};

async function load(root, handler) {
  if (handler.includes(".."))
    throw new RuntimeError("MalformedHandlerName", `'${handler}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`);
  const [, name, names] = /^([^.]*)\.(.*)$/.exec(path.basename(handler)) ?? [];
  if (!names) throw new RuntimeError("MalformedHandlerName", "Bad handler");
  const file = path.resolve(root, path.dirname(handler), name);
  const found = ["", ".js", ".mjs", ".cjs"].map((end) => file + end).find(existsSync);
  try {
    const own = found ? require.resolve(found) : require.resolve(name, { paths: [root, path.dirname(file)] });
    const asModule = own.endsWith(".mjs") || (own.endsWith(".js") && isModule(path.dirname(own)));
    const module = asModule ? await import(pathToFileURL(own).href) : require(own);
    const named = names.split(".").reduce((holder, key) => holder?.[key], module);
    if (!named) throw new RuntimeError("HandlerNotFound", `${handler} is undefined or not exported`);
    if (typeof named !== "function") throw new RuntimeError("HandlerNotFound", `${handler} is not a function`);
    return named;
  } catch (error) {
    if (error instanceof SyntaxError) throw new RuntimeError("UserCodeSyntaxError", String(error));
    if (error.code === "MODULE_NOT_FOUND") throw new RuntimeError("ImportModuleError", String(error));
    throw error;
  }
}

// One call of a handler, whose answer is the first of its promise, its callback and its context's functions.
const called = (handler, event, context) =>
  new Promise((resolve, reject) => {
    let waits = true;
    let answered = false;
    const once = (answer) => (...given) => answered || (answer(...given), (answered = true));
    const now = (error, result) => (error === undefined || error === null ? resolve(text(result)) : reject(error));
    const callback = (error, result) => {
      if (!waits || (error !== undefined && error !== null)) now(error, result);
      else
        whenEmpty = () => {
          whenEmpty = () => {};
          resolve(text(result));
        };
    };
    Object.defineProperty(context, "callbackWaitsForEmptyEventLoop", {
      enumerable: true, get: () => waits, set: (value) => (waits = value),
    });
    const succeed = once((result) => now(null, result));
    const failed = once((error) => now(error ?? "handled"));
    Object.assign(context, { succeed, fail: failed, done: once(now) });
    whenEmpty = () => resolve("null");
    const back = once(callback);
    try {
      const answer = handler(event, context, back);
      if (typeof answer?.then === "function") answer.then(succeed, failed).catch(failed);
    } catch (error) {
      back(error);
    }
  });

async function stream(id, handler, event, context) {
  let ready;
  const sent = new Promise((resolve, reject) => {
    const headers = { "Lambda-Runtime-Function-Response-Mode": "streaming", "Transfer-Encoding": "chunked" };
    ready = http.request(`${base}/invocation/${id}/response`, { method: "POST", headers });
    ready.on("response", (answer) => answer.resume().on("end", resolve)).on("error", reject);
  });
  sent.catch(() => {});
  const write = ready.write.bind(ready);
  const finish = ready.end.bind(ready);
  const begun = () => {
    if (ready.prelude === undefined) return;
    write(ready.prelude);
    write(new Uint8Array(8));
    ready.prelude = undefined;
  };
  ready.setContentType = (type) => ready.setHeader("Content-Type", type);
  ready.write = (part, ...given) => {
    begun();
    return write(typeof part === "string" || part instanceof Uint8Array ? part : JSON.stringify(part), ...given);
  };
  ready.end = (part, ...given) => {
    if (part !== undefined && typeof part !== "function") ready.write(part, ...given);
    return finish(typeof part === "function" ? part : undefined);
  };
  whenEmpty = () => {};
  context.callbackWaitsForEmptyEventLoop = true;
  try {
    const answer = handler(event, ready, context);
    if (typeof answer?.then !== "function" && !ready.writableEnded) throw "Streaming does not support non-async handlers.";
    await answer;
    // A stream that nobody ends is one that the function still writes, until its time-out.
    await sent;
    unanswered = "";
  } catch (error) {
    if (ready.headersSent) unanswered = "";
    ready.destroy();
    await fail(error);
  }
}

let handler;
try {
  handler = await load(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER);
} catch (error) {
  await end(error, 1);
}
async function next() {
  const given = await fetch(`${base}/invocation/next`);
  const event = await given.json();
  const told = (name) => given.headers.get(`lambda-runtime-${name}`) ?? undefined;
  const id = told("aws-request-id");
  const deadline = Number(told("deadline-ms"));
  process.env._X_AMZN_TRACE_ID = told("trace-id");
  const json = (value) => value && JSON.parse(value);
  const context = {
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: json(told("client-context")),
    identity: json(told("cognito-identity")),
    invokedFunctionArn: told("invoked-function-arn"),
    awsRequestId: id,
    tenantId: told("aws-tenant-id"),
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  unanswered = `invocation/${id}/error`;
  if (handler[streaming] === "response") await stream(id, handler, event, context);
  else {
    try {
      const answer = await called(handler, event, context);
      if (unanswered) {
        unanswered = "";
        await post(`invocation/${id}/response`, answer);
      }
    } catch (error) {
      await fail(error);
    }
  }
  setImmediate(next);
}
next();
