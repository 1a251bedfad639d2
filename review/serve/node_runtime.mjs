// Runs a Node.js function: takes events from the Runtime API until it is gone.
import http from "node:http";
import path from "node:path";
import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";

const base = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;
const post = (place, body) => fetch(`${base}/${place}`, { method: "POST", body: JSON.stringify(body ?? null) });
const failure = (error) => ({ errorType: error?.name ?? "Error", errorMessage: error?.message ?? String(error) });

// https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html
const streaming = new WeakSet();
globalThis.awslambda = {
  streamifyResponse: (handler) => (streaming.add(handler), handler),
  HttpResponseStream: {
    from(stream, prelude) {
      stream.write(JSON.stringify(prelude));
      stream.write(new Uint8Array(8));
      return stream;
    },
  },
};

const stream = (id, handler, event, context) =>
  new Promise((resolve, reject) => {
    const headers = { "Lambda-Runtime-Function-Response-Mode": "streaming", "Transfer-Encoding": "chunked" };
    const sent = http.request(`${base}/invocation/${id}/response`, { method: "POST", headers });
    sent.setContentType = () => {};
    sent.on("response", (answer) => answer.resume().on("end", resolve)).on("error", reject);
    Promise.resolve(handler(event, sent, context)).catch((error) => (sent.destroy(), reject(error)));
  });

async function load() {
  const [, file, name] = /^(.*)\.([^.]+)$/.exec(process.env._HANDLER);
  const found = [".mjs", ".js", ".cjs"].map((end) => path.join(process.env.LAMBDA_TASK_ROOT, file + end)).find(existsSync);
  const module = await import(pathToFileURL(found ?? file).href);
  return module[name] ?? module.default[name];
}

const called = (handler, event, context) =>
  new Promise((resolve, reject) => {
    const done = (error, result) => (error ? reject(error) : resolve(result));
    Object.assign(context, { done, succeed: resolve, fail: reject });
    const answer = handler(event, context, (error, result) => (error ? reject(error) : resolve(result)));
    if (handler.length < 3) resolve(answer);
  });

let handler;
try {
  handler = await load();
} catch (error) {
  console.error(error);
  await post("init/error", failure(error));
  process.exit(1);
}
for (;;) {
  const next = await fetch(`${base}/invocation/next`);
  const id = next.headers.get("lambda-runtime-aws-request-id");
  const deadline = Number(next.headers.get("lambda-runtime-deadline-ms"));
  const context = {
    awsRequestId: id,
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    invokedFunctionArn: next.headers.get("lambda-runtime-invoked-function-arn"),
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
  try {
    const event = await next.json();
    if (streaming.has(handler)) await stream(id, handler, event, context);
    else await post(`invocation/${id}/response`, await called(handler, event, context));
  } catch (error) {
    console.error(error);
    await post(`invocation/${id}/error`, failure(error));
  }
}
