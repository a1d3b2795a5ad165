// A server thread: accepts connections, answers them, and shares only memory with the other threads.
// Started by running-server.ts with a ThreadTask; ends by itself once it was told to drain and has.

import { createServer, type Server } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../base/clock.ts";
import { type Client, Clients } from "../clients/clients.ts";
import { ConnectionQuota } from "../clients/connection-quota.ts";
import type { OpenFleetLimiter } from "../fleet/limiter.ts";
import { SharedHitCounter } from "../hits/counter.ts";
import { type HttpLimits, httpLimits } from "../http/limits.ts";
import { Connection } from "../http1/connection.ts";
import { RequestHeadCache } from "../http1/request-head-cache.ts";
import { ResponseHeadFormatter } from "../http1/response-head.ts";
import { SerialisedResponses } from "../http1/serialised-response.ts";
import type { RefusedClient } from "../limit/first-refusal.ts";
import { ConcurrencyGate } from "../limit/gate.ts";
import { SharedLimiter } from "../limit/limiter.ts";
import { windowShape } from "../limit/window.ts";
import { LOG_BATCH_OPTIONS, LOG_FLUSH_INTERVAL_MS, LogBatch } from "../log/batch.ts";
import { createLogLineFormatter } from "../log/line.ts";
import { beatsWord } from "../memory/memory-layout.ts";
import { ClientTallies } from "../metrics/client-tallies.ts";
import { ThreadLoad, ThreadMetrics } from "../metrics/thread-metrics.ts";
import { ClientConnection, type ConnectionPeer, peerBehind } from "../request/client-connection.ts";
import type { Exchange } from "../request/exchange.ts";
import { RequestHandler } from "../request/handle.ts";
import { Recorder } from "../request/record.ts";
import { Renderer } from "../request/render.ts";
import { CORS_FIELDS } from "../site/answer.ts";
import { ResponseCache } from "../site/file/response-cache.ts";
import type { IgnoredSibling } from "../site/file/siblings.ts";
import { MountThreads } from "../site/mount/threads.ts";
import { answerFromSite } from "../site/site.ts";
import { openThreadSite } from "../site/thread-site.ts";
import { acceptClients, fromSocket } from "../transport/client-socket.ts";
import { ProxiedStart } from "../transport/proxied-start.ts";
import { SendMemory } from "../transport/send-memory.ts";
import type { ArrivedClient, Transport } from "../transport/transport.ts";
import type { ListenAddress } from "./listen-address.ts";
import type { FromThread, ThreadTask, ToThread } from "./thread-message.ts";

/** Deadlines are seconds long: looking four times a second is exact enough and costs nothing. */
const DEADLINE_CHECK_INTERVAL_MS = 250;
/** How often CPU time and delays are written down. */
const LOAD_INTERVAL_MS = 1000;
const BACKLOG = 1024;
/** The first may have begun before the kernel was asked. */
const QUIET_TURNS = 3;
/** A quarter more connections than can be served may wait to read that they cannot be. */
const REJECTED_SHARE = 1.25;

const task = workerData as ThreadTask;
const { config, memory, threadIndex } = task;
const connections = new Set<Connection<Exchange> | ProxiedStart>();
const { stallTimeoutMs, idleTimeoutMs, headTimeoutMs } = config;
const limits: HttpLimits = { ...httpLimits, stallTimeoutMs, idleTimeoutMs, headTimeoutMs };
const formatter = new ResponseHeadFormatter(
  limits,
  systemClock.wallMs,
  config.cors ? CORS_FIELDS : [],
);
const requestHeadCache = new RequestHeadCache();
const serialised = new SerialisedResponses();
const log = new LogBatch({
  ...LOG_BATCH_OPTIONS,
  send: (lines, droppedLines) => tellSupervisor({ kind: "log", lines, droppedLines }),
});
const accessLog = task.log && {
  batch: log,
  formatLine: createLogLineFormatter(task.log.format, task.log.isColoured),
};
const quota = new ConnectionQuota(memory, config.clientConnections, threadIndex);
const hasMetrics = config.admin !== undefined;
const metrics = hasMetrics ? new ThreadMetrics(memory.metrics, threadIndex) : undefined;
const threadLoad = hasMetrics ? new ThreadLoad(memory.metrics, threadIndex) : undefined;
const tallies = new ClientTallies();
const mountThreads = new MountThreads({
  task,
  timeoutMs: config.mountTimeoutMs,
  clock: systemClock,
  onIgnoredSibling: tellOfSibling,
});
let hasToldOfSendMemory = false;
const sendMemory = new SendMemory(task.sendBytesMax, endedForRoom);
const sharedLimit = await openSharedLimit();
const renderer = new Renderer({ policy: config.rate, basePath: config.basePath });
const responseCache = new ResponseCache();
const requestHandler = await createRequestHandler();
const recorder = new Recorder({
  threadIndex,
  log: accessLog,
  metrics: metrics && { thread: metrics, tallies },
  clock: systemClock,
  onRefused: tellOfFirstRefusal,
});
const servers = task.addresses.map(() =>
  createServer({ allowHalfOpen: true, pauseOnConnect: true }),
);
const clients = new Clients({
  ipv6PrefixBits: config.ipv6Prefix,
  trustedProxies: config.trustProxy,
  exempt: config.exempt,
  hashSecret: memory.hashSecret,
  tallies,
  onNewClient: sharedLimit && ((key, name) => sharedLimit.limiter.nameClient(key, name)),
});
let hasToldOfRefusal = false;
let isDraining = false;
let hangingMounts = "";
let acceptedCount = 0;

function tellSupervisor(message: FromThread): void {
  parentPort?.postMessage(message);
}

/** Each is counted; the person who runs the server is told of the first. */
function endedForRoom(): void {
  metrics?.unreadEnded();
  if (!hasToldOfSendMemory) tellSupervisor({ kind: "send-memory-full" });
  hasToldOfSendMemory = true;
}

/** The limit over several servers, where a store is named; its code is not loaded otherwise. */
async function openSharedLimit(): Promise<OpenFleetLimiter | undefined> {
  const { store, storeDown, rate } = config;
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
    onChange: (isUp, reason) => tellSupervisor({ kind: "store", isUp, reason }),
  });
}

async function createRequestHandler(): Promise<RequestHandler> {
  const hits = new SharedHitCounter(memory, threadIndex);
  const { rate, concurrency, delayMs } = config;
  const site = await openThreadSite(task, hits, {
    mayWait: false,
    elsewhere: mountThreads,
    onIgnoredSibling: tellOfSibling,
  });
  return new RequestHandler({
    answer: (request) => answerFromSite(site, request),
    responseCache,
    renderer,
    hits,
    limiter:
      rate &&
      (sharedLimit?.limiter ??
        new SharedLimiter(memory, windowShape(rate.count, rate.windowMs), threadIndex)),
    gate:
      concurrency === undefined ? undefined : new ConcurrencyGate(memory, concurrency, threadIndex),
    delayMs,
    metrics,
    clock: systemClock,
  });
}

/** Once: the main thread tells of the first of all threads. */
function tellOfFirstRefusal(refusal: RefusedClient): void {
  if (hasToldOfRefusal) return;
  hasToldOfRefusal = true;
  tellSupervisor({ kind: "refused", refusal });
}

function tellOfSibling(ignored: IgnoredSibling): void {
  tellSupervisor({ kind: "ignored-sibling", ignored });
}

function accept(arrived: ArrivedClient): void {
  acceptedCount++;
  metrics?.connectionOpened();
  const { address } = arrived;
  // Gone again before we looked; or so many at once that even a 503 each would take the descriptors.
  if (address === undefined || connections.size >= task.connectionsMax * REJECTED_SHARE) {
    arrived.refuse();
    metrics?.connectionRejected();
    metrics?.connectionClosed();
    return;
  }
  const client = clients.ofAddress(address);
  const transport = arrived.open();
  if (config.proxyProtocol && client.isTrustedProxy) awaitProxyHeader(transport, client);
  else begin(transport, { client, isBelieved: client.isTrustedProxy });
}

/** A connection whose first bytes tell whose it is, before any request. */
function awaitProxyHeader(transport: Transport, proxy: Client): void {
  const start = new ProxiedStart({
    transport,
    limits,
    monotonicMs: systemClock.monotonicMs,
    onHeader: (proxied) => {
      connections.delete(start);
      begin(transport, peerBehind(proxy, proxied, clients));
    },
    onClosed: () => {
      metrics?.connectionClosed();
      remove(start);
    },
  });
  connections.add(start);
  if (isDraining) start.drain();
}

function begin(transport: Transport, { client, isBelieved, rejection }: ConnectionPeer): void {
  // Many clients come through one proxy: its connections are bounded by `connectionsMax` alone.
  const hasQuota = !client.isTrustedProxy;
  const isWithinQuota = !hasQuota || quota.take(client.key);
  const handler = new ClientConnection({
    requestHandler,
    renderer,
    recorder,
    client,
    clients: isBelieved ? clients : undefined,
    onClosed: () => {
      metrics?.connectionClosed();
      if (hasQuota && isWithinQuota) quota.giveBack(client.key);
      remove(connection);
    },
  });
  const connection: Connection<Exchange> = new Connection({
    transport,
    requestHeadCache,
    handler,
    limits,
    formatter,
    serialised,
    monotonicMs: systemClock.monotonicMs,
  });
  connections.add(connection);
  const isTooMany = !isWithinQuota || connections.size > task.connectionsMax;
  if (rejection !== undefined || isTooMany) {
    // Of a connection that began wrongly the answer is counted; these are those that are too many.
    if (rejection === undefined) metrics?.connectionRejected();
    connection.reject(rejection ?? { status: 503, explanation: undefined });
  } else if (isDraining) {
    connection.drain();
  }
}

function remove(connection: Connection<Exchange> | ProxiedStart): void {
  connections.delete(connection);
  endIfDrained();
}

function endIfDrained(): void {
  if (!isDraining || connections.size > 0 || servers.some(({ listening }) => listening)) return;
  clearInterval(deadlineTimer);
  clearInterval(logTimer);
  clearInterval(loadTimer);
  threadLoad?.stop();
  sharedLimit?.close();
  log.flushAll();
  tellOfClients();
  tellSupervisor({ kind: "drained" });
  parentPort?.close();
}

function tellOfClients(): void {
  const gains = tallies.report();
  if (gains.length > 0) tellSupervisor({ kind: "clients", gains });
}

const controlWords = new Int32Array(memory.control);

/** For the main thread, which sees that a thread hangs because this stands still. */
function beat(): void {
  Atomics.add(controlWords, beatsWord(threadIndex), 1);
}

function tellOfMounts(nowMs: number): void {
  const mountPoints = mountThreads.hanging(nowMs);
  const text = mountPoints.join("\n");
  if (text === hangingMounts) return;
  hangingMounts = text;
  tellSupervisor({ kind: "hanging-mounts", mountPoints });
}

function drain(): void {
  isDraining = true;
  closeOnceQuiet(0, BACKLOG);
  for (const connection of connections) connection.drain();
}

/**
 * Connections that the kernel has completed and we have not accepted are reset by the close. A turn of
 * the event loop accepts one of them: so we close after turns that found none, or when as many have
 * passed as can have waited.
 */
function closeOnceQuiet(quietTurns: number, turnsLeft: number): void {
  if (quietTurns === QUIET_TURNS || turnsLeft === 0) {
    for (const server of servers) {
      if (server.listening) server.close();
    }
    endIfDrained();
    return;
  }
  const before = acceptedCount;
  setImmediate(() => {
    closeOnceQuiet(acceptedCount === before ? quietTurns + 1 : 0, turnsLeft - 1);
  });
}

const deadlineTimer = setInterval(() => {
  const nowMs = systemClock.monotonicMs();
  for (const connection of connections) connection.checkDeadline(nowMs);
  responseCache.forget(nowMs);
  metrics?.setUnread(sendMemory.bytes, sendMemory.bytesMax);
  tellOfClients();
  tellOfMounts(nowMs);
  beat();
}, DEADLINE_CHECK_INTERVAL_MS);
const loadTimer = threadLoad && setInterval(() => threadLoad.publish(), LOAD_INTERVAL_MS);
const logTimer = setInterval(() => log.flush(), LOG_FLUSH_INTERVAL_MS);

parentPort?.on("message", (message: ToThread) => {
  if (message.kind === "drain") drain();
  else if (message.kind === "log-taken") log.taken();
  else if (message.kind === "flush-log") {
    log.flushAll();
    tellSupervisor({ kind: "log-flushed" });
  } else accept(fromSocket(message.socket, sendMemory));
});

function listen(server: Server, { host, port, ipv6Only }: ListenAddress): Promise<void> {
  // Left out it means the same, and is not taken apart, which takes Node 8 ms the first time.
  const address = host === "::" && !ipv6Only ? { port } : { host, port, ipv6Only };
  return new Promise((resolve) => {
    server.listen({ ...address, reusePort: true, backlog: BACKLOG }, () => {
      acceptClients(server, sendMemory, accept);
      resolve();
    });
  });
}

// A failure is an event that nothing listens to: it ends the thread, with its reason.
await Promise.all(servers.map((server, index) => listen(server, task.addresses[index]!)));
tellSupervisor({ kind: "ready" });
