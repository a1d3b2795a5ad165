// The process that bench/open-load.ts starts: a schedule of requests, sent when they are due. It looks
// at the clock all the time instead of setting timers, whose millisecond would be part of every
// latency. What is due while no connection is free waits, and the waiting is part of its latency.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { percentileOf } from "../src/load/statistics.ts";
import { AnswerReader } from "./answer-reader.ts";
import type { OpenLoad, OpenLoadResult } from "./open-load.ts";

const load = JSON.parse(process.argv[2] ?? "{}") as OpenLoad;
const total = Math.floor(load.ratePerSecond * load.seconds);
const request = Buffer.from(`GET ${load.path} HTTP/1.1\r\nHost: 127.0.0.1:${load.port}\r\n\r\n`);

interface Sender {
  readonly socket: Socket;
  readonly reader: AnswerReader;
  dueMs: number;
}

const free: Sender[] = [];
const latenciesMs: number[] = [];
const ownDelaysMs: number[] = [];

async function openSender(index: number): Promise<void> {
  const localAddress = load.addresses[index % load.addresses.length]!;
  const to = { host: "127.0.0.1", port: load.port, localAddress, noDelay: true };
  const socket = connect(to);
  await once(socket, "connect");
  const sender: Sender = { socket, reader: new AnswerReader(), dueMs: 0 };
  socket.on("data", (chunk: Buffer) => receive(sender, chunk));
  socket.on("error", (error) => fail(error.message));
  socket.on("close", () => fail("the server closed a connection"));
  free.push(sender);
}

function receive(sender: Sender, chunk: Buffer): void {
  const outcome = sender.reader.read(chunk);
  if (outcome === "incomplete") return;
  if (outcome !== 200) fail(`an answer is ${outcome}`);
  latenciesMs.push(performance.now() - sender.dueMs);
  free.push(sender);
}

function fail(what: string): never {
  process.stderr.write(`${what}\n`);
  process.exit(1);
}

/** Sends what is due; every turn of the event loop, until the last answer is there. */
function keepSchedule(startMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let sentCount = 0;
  let mayBeOwnDelay = true;
  const look = (): void => {
    const nowMs = performance.now();
    for (; sentCount < total; sentCount++) {
      const dueMs = startMs + (sentCount * 1000) / load.ratePerSecond;
      if (dueMs > nowMs) break;
      // Connections are used in turn, the one longest free first.
      const sender = free.shift();
      if (sender === undefined) break;
      if (mayBeOwnDelay) ownDelaysMs.push(nowMs - dueMs);
      sender.dueMs = dueMs;
      sender.socket.write(request);
    }
    mayBeOwnDelay = free.length > 0;
    if (latenciesMs.length === total) resolve();
    else setImmediate(look);
  };
  look();
  return promise;
}

await Promise.all(Array.from({ length: load.connections }, (_, index) => openSender(index)));
await keepSchedule(performance.now());
const sorted = Float64Array.from(latenciesMs).sort();
const result: OpenLoadResult = {
  answers: sorted.length,
  p50Ms: percentileOf(sorted, 50),
  p99Ms: percentileOf(sorted, 99),
  ownP99Ms: percentileOf(Float64Array.from(ownDelaysMs).sort(), 99),
};
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
