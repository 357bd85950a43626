// The runtime of a Node function: asks the Runtime API for invocations and calls the handler, as AWS's own runtime does.
// <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html> and
// <https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html> (2026-11-26). Runs in the function's process; the AWS SDK for
// JavaScript is there only if the function brings it.

import { existsSync } from "node:fs";
import { request } from "node:http";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { format } from "node:util";
import { pathToFileURL } from "node:url";

const API = "/2018-06-01/runtime";
const TASK = process.env.LAMBDA_TASK_ROOT;
const [HOST, PORT] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
let current = "";

function ask(method, path, body, headers = {}) {
  return new Promise((done, fail) => {
    const sent = request({ host: HOST, port: PORT, method, path: API + path, headers }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => done({ headers: answer.headers, body: Buffer.concat(parts) }));
      answer.on("error", fail);
    });
    sent.on("error", fail);
    sent.end(body);
  });
}

function described(error) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: String(error.stack).split("\n") };
}

function fail(path, error) {
  const headers = { "Content-Type": "application/json", "Lambda-Runtime-Function-Error-Type": error.errorType };
  return ask("POST", path, JSON.stringify(error), headers);
}

// one event of the log for each call, whatever its lines
function log(level) {
  return (...values) => {
    const text = format(...values).replaceAll("\n", "\r");
    process.stdout.write(`${new Date().toISOString()}\t${current || "undefined"}\t${level}\t${text}\n`);
  };
}
for (const [name, level] of [["log", "INFO"], ["info", "INFO"], ["debug", "DEBUG"], ["warn", "WARN"], ["error", "ERROR"], ["trace", "TRACE"]]) {
  console[name] = log(level);
}

class Fault extends Error {
  constructor(name, message) {
    super(message);
    this.name = name;
  }
}

async function load(handler) {
  const at = handler.lastIndexOf("/") + 1;
  const match = handler.slice(at).match(/^([^.]+)\.(.+)$/);
  if (!match || handler.includes("..")) throw new Fault("Runtime.MalformedHandlerName", "Bad handler");
  const [, module, path] = match;
  const base = resolve(TASK, handler.slice(0, at), module);
  const file = [".js", ".mjs", ".cjs"].map((end) => base + end).find(existsSync);
  if (!file) {
    throw new Fault("Runtime.ImportModuleError", `Error: Cannot find module '${module}'\nRequire stack:\n- ${process.argv[1]}`);
  }
  let found;
  try {
    // imports CommonJS, too
    found = file.endsWith(".cjs") ? createRequire(join(TASK, "/"))(file) : await import(pathToFileURL(file));
  } catch (error) {
    if (error instanceof SyntaxError) throw new Fault("Runtime.UserCodeSyntaxError", String(error));
    if (["MODULE_NOT_FOUND", "ERR_MODULE_NOT_FOUND"].includes(error?.code)) throw new Fault("Runtime.ImportModuleError", String(error));
    throw error;
  }
  const whole = (of) => path.split(".").reduce((value, name) => value?.[name], of);
  const called = whole(found) ?? whole(found.default);
  if (called === undefined) throw new Fault("Runtime.HandlerNotFound", `${handler} is undefined or not exported`);
  if (typeof called !== "function") throw new Fault("Runtime.HandlerNotFound", `${handler} is not a function`);
  return called;
}

function context(headers, waits) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  const given = headers["lambda-runtime-client-context"];
  return {
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    identity: undefined,
    clientContext: given ? JSON.parse(given) : undefined,
    getRemainingTimeInMillis: () => Math.max(deadline - Date.now(), 0),
    get callbackWaitsForEmptyEventLoop() {
      return waits.on;
    },
    set callbackWaitsForEmptyEventLoop(on) {
      waits.on = on;
    },
  };
}

// A handler answers by its promise, or by its callback; of the latter AWS waits until there is nothing more to do.
function answerOf(handler, event, headers) {
  const waits = { on: true };
  return new Promise((done, fail) => {
    const settle = (error, value) => {
      const finish = () => (error == null ? done(value) : fail(error));
      if (waits.on) process.once("beforeExit", finish);
      else setImmediate(finish);
    };
    const known = context(headers, waits);
    Object.assign(known, { done: settle, succeed: (value) => settle(null, value), fail: (error) => settle(error ?? "handled") });
    const answered = handler(event, known, settle);
    if (typeof answered?.then === "function") answered.then(done, fail);
    else if (handler.length < 3) process.once("beforeExit", () => done(null));
  });
}

async function serve(handler) {
  for (;;) {
    const { headers, body } = await ask("GET", "/invocation/next");
    current = headers["lambda-runtime-aws-request-id"];
    if (headers["lambda-runtime-trace-id"]) process.env._X_AMZN_TRACE_ID = headers["lambda-runtime-trace-id"];
    try {
      const value = await answerOf(handler, JSON.parse(body), headers);
      const text = JSON.stringify(value === undefined ? null : value);
      await ask("POST", `/invocation/${current}/response`, text, { "Content-Type": "application/json" });
    } catch (error) {
      const found = described(error);
      console.error("Invoke Error", JSON.stringify(found));
      await fail(`/invocation/${current}/error`, found);
    }
  }
}

async function crashed(kind, error) {
  const found = { ...described(error), errorType: kind };
  console.error(kind === "Runtime.UnhandledPromiseRejection" ? "Unhandled Promise Rejection" : "Uncaught Exception", JSON.stringify(found));
  await fail(current ? `/invocation/${current}/error` : "/init/error", found);
  process.exit(128);
}

process.on("unhandledRejection", (error) => crashed("Runtime.UnhandledPromiseRejection", error));
process.on("uncaughtException", (error) => crashed(error?.name ?? "Error", error));
let handler;
try {
  handler = await load(process.env._HANDLER);
} catch (error) {
  const found = described(error);
  console.error("Uncaught Exception", JSON.stringify(found));
  await fail("/init/error", found);
  process.exit(1);
}
serve(handler);
