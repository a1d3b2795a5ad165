// The parts of a request that are weir's own, alone in a loop: the limiter, the hit counter, the
// parser. Each function makes one operation on the real class, over tables that hold so many entries.

import { randomBytes } from "node:crypto";
import { systemClock } from "../src/base/clock.ts";
import { SharedHitCounter } from "../src/hits/counter.ts";
import { RequestHeadCache } from "../src/http1/request-head-cache.ts";
import { RequestParser } from "../src/http1/request-parser.ts";
import { SharedLimiter } from "../src/limit/limiter.ts";
import { windowShape } from "../src/limit/sliding-window.ts";
import { LOG_BATCH_OPTIONS, LogBatch } from "../src/log/batch.ts";
import { createLogLineFormatter, type LogEntry } from "../src/log/line.ts";
import { createSharedMemory } from "../src/memory/memory-layout.ts";
import { metricsBytes } from "../src/memory/metrics-layout.ts";
import { hashKey } from "../src/memory/shared-table.ts";
import { ClientTallies } from "../src/metrics/client-tallies.ts";
import { ThreadMetrics } from "../src/metrics/thread-metrics.ts";
import { httpLimits } from "../src/transport/engine.ts";
import { pathInTree } from "./file-tree.ts";
import type { Contender } from "./measure-in-turn.ts";

const SHAPE = windowShape(5, 1000);
/** Between two looks at the clock. */
const OPERATIONS_AT_ONCE = 10_000;
/** A prime: steps of this size reach every entry of a table, in an order no cache can foresee. */
const STRIDE = 7_368_787;
/** Between one admission and the next, on the clock that is handed in. */
const STEP_MS = 0.001;

type Operation = () => unknown;

/** A tenth of a second tells as much as a whole one where nothing but this thread takes part. */
const SECONDS_SHARE = 0.1;

/** Nanoseconds of this thread's CPU time for one operation. */
export function contendAlone(name: string, operate: Operation): Contender {
  const measure = (seconds: number): Promise<number> => {
    const start = process.threadCpuUsage();
    const endMs = performance.now() + seconds * SECONDS_SHARE * 1000;
    let count = 0;
    while (performance.now() < endMs) {
      for (let index = 0; index < OPERATIONS_AT_ONCE; index++) operate();
      count += OPERATIONS_AT_ONCE;
    }
    const { user, system } = process.threadCpuUsage(start);
    return Promise.resolve(((user + system) * 1000) / count);
  };
  return { name, measure };
}

/** All that is counted of one answer where the admin interface is on, and the look at the clock for it. */
export function countAnswer(): Operation {
  const metrics = new ThreadMetrics(new SharedArrayBuffer(metricsBytes(1)), 1);
  const tallies = new ClientTallies();
  const tally = tallies.open("127.0.0.1");
  const startedMs = systemClock.monotonicMs();
  return () => {
    metrics.requestBegan();
    metrics.responseCacheHit();
    metrics.hit();
    const nowMs = systemClock.monotonicMs();
    metrics.answered("GET", 200, undefined, 1024, nowMs - startedMs);
    metrics.requestEnded();
    tallies.count(tally, false, nowMs);
  };
}

/** One line of the combined log, as a browser makes it, put into its batch. */
export function logAnswer(): Operation {
  const formatLine = createLogLineFormatter("combined", false);
  const batch = new LogBatch({ ...LOG_BATCH_OPTIONS, send: () => batch.taken() });
  return () => batch.add(formatLine({ ...LOGGED, wallMs: Date.now() }));
}

const LOGGED: LogEntry = {
  address: "203.0.113.7",
  wallMs: 0,
  method: "GET",
  rawTarget: "/books/rivers/index.html",
  protocol: "HTTP/1.1",
  status: 200,
  bodyBytes: 1024,
  durationMs: 0.25,
  limit: "admitted",
  limitRemaining: 4,
  referer: "https://weir.example/books/",
  userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  threadIndex: 1,
  isComplete: true,
};

/** One admission of a client, of `clientCount` that the limiter knows. */
export function admitOf(clientCount: number): Operation {
  const hashSecret = randomBytes(32);
  const memory = createSharedMemory({ hashSecret, cellCount: SHAPE.cellCount });
  const limiter = new SharedLimiter(memory, SHAPE, 0);
  const clients = Array.from({ length: clientCount }, (_, index) =>
    hashKey(hashSecret, `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`),
  );
  for (const client of clients) limiter.admit(client, 0);
  let nowMs = 0;
  const next = stepThrough(clients);
  return () => {
    nowMs += STEP_MS;
    return limiter.admit(next(), nowMs);
  };
}

/** One hit of a file, of `fileCount` that have been counted. */
export function hitOf(fileCount: number): Operation {
  const memory = createSharedMemory({ hashSecret: randomBytes(32), cellCount: 0 });
  const counter = new SharedHitCounter(memory, 0);
  const paths = Array.from({ length: fileCount }, (_, index) => pathInTree(index));
  for (const path of paths) counter.add(path);
  const next = stepThrough(paths);
  return () => counter.add(next());
}

/** One head as a browser sends it, of `pathCount` different ones. */
export function parseOf(pathCount: number): Operation {
  const parser = new RequestParser(httpLimits, new RequestHeadCache());
  const heads = Array.from({ length: pathCount }, (_, index) =>
    Buffer.from(
      `GET ${pathInTree(index)} HTTP/1.1\r\nHost: 127.0.0.1:8001\r\nConnection: keep-alive\r\n` +
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n" +
        "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n" +
        "Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n\r\n",
    ),
  );
  const next = stepThrough(heads);
  return () => {
    const head = next();
    const { kind } = parser.parse(head, 0, head.length);
    if (kind !== "head") throw new Error(`the parser says ${kind} to a whole head`);
  };
}

function stepThrough<T>(entries: readonly T[]): () => T {
  let index = 0;
  return () => {
    index = (index + STRIDE) % entries.length;
    return entries[index]!;
  };
}
