// A server thread: the list of its parts, how they are put together, and what is said between it and the
// main thread. It shares only memory with the other threads. thread-pool.ts starts it with a ThreadTask;
// after "drain" it ends by itself, once its connections have ended (thread-connections.ts).

import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../base/clock.ts";
import { Clients } from "../clients/clients.ts";
import { ConnectionQuota } from "../clients/quota.ts";
import type { OpenFleetLimiter } from "../fleet/limiter.ts";
import { SharedHitCounter } from "../hits/counter.ts";
import { ConcurrencyGate } from "../limit/gate.ts";
import { SharedLimiter } from "../limit/limiter.ts";
import { windowShape } from "../limit/window.ts";
import { LOG_BATCH_OPTIONS, LOG_FLUSH_INTERVAL_MS, LogBatch } from "../log/batch.ts";
import { createLogLineFormatter } from "../log/line.ts";
import { beatsWord } from "../memory/memory-layout.ts";
import { ClientTallies } from "../metrics/client-tallies.ts";
import { ThreadLoad, ThreadMetrics } from "../metrics/thread-metrics.ts";
import { RequestHandler } from "../request/handle.ts";
import { Recorder } from "../request/record.ts";
import { Renderer } from "../request/render.ts";
import { CORS_FIELDS } from "../site/answer.ts";
import { ResponseCache } from "../site/file/response-cache.ts";
import type { IgnoredSibling } from "../site/file/siblings.ts";
import { MountThreads } from "../site/mount/threads.ts";
import { answerFromSite } from "../site/site.ts";
import { openThreadSite } from "../site/thread-site.ts";
import { httpLimits } from "../transport/engine.ts";
import { SendMemory } from "../transport/send-memory.ts";
import { ThreadConnections } from "./thread-connections.ts";
import type { FromThread, ThreadTask, ToThread } from "./thread-task.ts";

/** Deadlines are seconds long: looking four times a second is exact enough and costs nothing. */
const LOOK_INTERVAL_MS = 250;
/** How often CPU time and delays are written down. */
const LOAD_INTERVAL_MS = 1000;

const task = workerData as ThreadTask;
const { config, memory, threadIndex } = task;
const { rate, concurrency, stallTimeoutMs, idleTimeoutMs, headTimeoutMs } = config;

// What is counted and written down.
const hasMetrics = config.admin !== undefined;
const metrics = hasMetrics ? new ThreadMetrics(memory.metrics, threadIndex) : undefined;
const threadLoad = hasMetrics ? new ThreadLoad(memory.metrics, threadIndex) : undefined;
const tallies = new ClientTallies();
const hits = new SharedHitCounter(memory, threadIndex);
const log = new LogBatch({
  ...LOG_BATCH_OPTIONS,
  send: (lines, droppedLines) => tellMainThread({ kind: "log", lines, droppedLines }),
});
const recorder = new Recorder({
  threadIndex,
  log: task.log && {
    batch: log,
    formatLine: createLogLineFormatter(task.log.format, task.log.isColoured),
  },
  metrics: metrics && { thread: metrics, tallies },
  clock: systemClock,
  onRefused: once((refusal) => tellMainThread({ kind: "refused", refusal })),
});

// Who asks, and how much they may ask for.
const fleetLimit = await openFleetLimit();
const limiter =
  fleetLimit?.limiter ??
  (rate && new SharedLimiter(memory, windowShape(rate.count, rate.windowMs), threadIndex));
const gate =
  concurrency === undefined ? undefined : new ConcurrencyGate(memory, concurrency, threadIndex);
const clients = new Clients({
  ipv6PrefixBits: config.ipv6Prefix,
  trustedProxies: config.trustProxy,
  exempt: config.exempt,
  hashSecret: memory.hashSecret,
  tallies,
  onNewClient: fleetLimit && ((key, name) => fleetLimit.limiter.nameClient(key, name)),
});
const quota = new ConnectionQuota(memory, config.clientConnections, threadIndex);

// What they are answered.
const onIgnoredSibling = (ignored: IgnoredSibling) =>
  tellMainThread({ kind: "ignored-sibling", ignored });
const mountThreads = new MountThreads({
  task,
  timeoutMs: config.mountTimeoutMs,
  clock: systemClock,
  onIgnoredSibling,
});
const site = await openThreadSite(task, hits, {
  mayWait: false,
  elsewhere: mountThreads,
  onIgnoredSibling,
});
const responseCache = new ResponseCache();
const renderer = new Renderer({ policy: rate, basePath: config.basePath });
const requestHandler = new RequestHandler({
  answer: (request) => answerFromSite(site, request),
  responseCache,
  renderer,
  hits,
  limiter,
  gate,
  delayMs: config.delayMs,
  metrics,
  clock: systemClock,
});

// How it travels.
const tellOfFullSendMemory = once(() => tellMainThread({ kind: "send-memory-full" }));
const sendMemory = new SendMemory(task.sendBytesMax, () => {
  metrics?.unreadEnded();
  tellOfFullSendMemory(undefined);
});
const connections = new ThreadConnections({
  connectionsMax: task.connectionsMax,
  limits: { ...httpLimits, stallTimeoutMs, idleTimeoutMs, headTimeoutMs },
  fields: config.cors ? CORS_FIELDS : [],
  proxyProtocol: config.proxyProtocol,
  clients,
  quota,
  services: { requestHandler, renderer, recorder },
  sendMemory,
  metrics,
  clock: systemClock,
  onDrained: end,
});

/** The limit over several servers, where a store is named; its code is not loaded otherwise. */
async function openFleetLimit(): Promise<OpenFleetLimiter | undefined> {
  const { store, storeDown } = config;
  if (store === undefined || rate === undefined) return undefined;
  const { openFleetLimiter } = await import("../fleet/limiter.ts");
  const shape = windowShape(rate.count, rate.windowMs);
  return openFleetLimiter({
    address: store,
    whenDown: storeDown,
    shape,
    local: new SharedLimiter(memory, shape, threadIndex),
    metrics,
    clock: systemClock,
    onChange: (isUp, reason) => tellMainThread({ kind: "store", isUp, reason }),
  });
}

const controlWords = new Int32Array(memory.control);
let hangingMounts = "";

const lookTimer = setInterval(() => {
  const nowMs = systemClock.monotonicMs();
  connections.checkDeadlines(nowMs);
  responseCache.forget(nowMs);
  metrics?.setUnread(sendMemory.bytes, sendMemory.bytesMax);
  tellOfClients();
  tellOfMounts(nowMs);
  // A thread that hangs cannot say so: thread-watch.ts sees that its beats have stopped.
  Atomics.add(controlWords, beatsWord(threadIndex), 1);
}, LOOK_INTERVAL_MS);
const loadTimer = threadLoad && setInterval(() => threadLoad.publish(), LOAD_INTERVAL_MS);
const logTimer = setInterval(() => log.flush(), LOG_FLUSH_INTERVAL_MS);

/** After the last connection of a server that stops. */
function end(): void {
  clearInterval(lookTimer);
  clearInterval(logTimer);
  clearInterval(loadTimer);
  threadLoad?.stop();
  fleetLimit?.close();
  log.flushAll();
  tellOfClients();
  tellMainThread({ kind: "drained" });
  parentPort?.close();
}

function tellMainThread(message: FromThread): void {
  parentPort?.postMessage(message);
}

function tellOfClients(): void {
  const gains = tallies.report();
  if (gains.length > 0) tellMainThread({ kind: "clients", gains });
}

function tellOfMounts(nowMs: number): void {
  const mountPoints = mountThreads.hanging(nowMs);
  const text = mountPoints.join("\n");
  if (text === hangingMounts) return;
  hangingMounts = text;
  tellMainThread({ kind: "hanging-mounts", mountPoints });
}

/** The main thread warns of the first of all threads, so each thread tells it of its first alone. */
function once<T>(tell: (value: T) => void): (value: T) => void {
  let hasTold = false;
  return (value) => {
    if (!hasTold) tell(value);
    hasTold = true;
  };
}

parentPort?.on("message", (message: ToThread) => {
  switch (message.kind) {
    case "drain":
      connections.drain();
      break;
    case "log-taken":
      log.taken();
      break;
    case "flush-log":
      log.flushAll();
      tellMainThread({ kind: "log-flushed" });
      break;
    case "connection":
      connections.take(message.socket);
      break;
  }
});

await connections.listen(task.addresses);
tellMainThread({ kind: "ready" });
