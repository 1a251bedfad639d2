// Runs a Node.js function: takes events from the Runtime API until it is gone.
import path from "node:path";
import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";

const base = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;
const post = (place, body) => fetch(`${base}/${place}`, { method: "POST", body: JSON.stringify(body ?? null) });
const failure = (error) => ({ errorType: error?.name ?? "Error", errorMessage: error?.message ?? String(error) });

async function load() {
  const [, file, name] = /^(.*)\.([^.]+)$/.exec(process.env._HANDLER);
  const found = [".mjs", ".js", ".cjs"].map((end) => path.join(process.env.LAMBDA_TASK_ROOT, file + end)).find(existsSync);
  const module = await import(pathToFileURL(found ?? file).href);
  return module[name] ?? module.default[name];
}

const called = (handler, event, context) =>
  new Promise((resolve, reject) => {
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
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    invokedFunctionArn: next.headers.get("lambda-runtime-invoked-function-arn"),
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
  try {
    await post(`invocation/${id}/response`, await called(handler, await next.json(), context));
  } catch (error) {
    console.error(error);
    await post(`invocation/${id}/error`, failure(error));
  }
}
