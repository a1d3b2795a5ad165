import assert from "node:assert/strict";
import { once } from "node:events";
import { BoundSocket, connect, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { waitUntil } from "../../test/fixtures/process-facts.ts";
import type { Monitor } from "../admin/monitor.ts";
import { SampleHistory } from "../admin/samples.ts";
import type { Snapshot } from "../admin/snapshot.ts";
import { systemClock } from "../base/clock.ts";
import { AdminListener } from "./admin-listener.ts";

const SNAPSHOT_BYTES = 100_000;

/** A monitor that has a sample as often as it is asked, and counts the snapshots that were taken. */
function newMonitor() {
  const counts = { snapshots: 0 };
  const monitor = {
    history: new SampleHistory(5),
    server: { state: "serving", threadsReady: 1, hanging: { threads: [], mounts: [] } },
    snapshot: () => {
      counts.snapshots++;
      return { state: "x".repeat(SNAPSHOT_BYTES) } as unknown as Snapshot;
    },
    nextSample: () => nextTurn(),
  } as unknown as Monitor;
  return { monitor, counts };
}

async function listen(t: TestContext) {
  const { monitor, counts } = newMonitor();
  const access = { host: "127.0.0.1", token: undefined };
  const listener = new AdminListener({ monitor, access, clock: systemClock, warn: () => {} });
  t.after(() => listener.close());
  const keeper = new BoundSocket({ host: "127.0.0.1", port: 0 });
  const { port } = keeper.address() as { port: number };
  await listener.listen(keeper);
  const open = async (request = "GET /api/events"): Promise<Socket> => {
    const socket = connect(port, "127.0.0.1");
    t.after(() => socket.destroy());
    socket.on("error", () => {});
    await once(socket, "connect");
    socket.write(`${request} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    return socket;
  };
  return { counts, open };
}

/** Settles when no snapshot was taken for a while, and gives how many there were. */
async function untilStill(counts: { snapshots: number }): Promise<number> {
  for (let before = -1; before !== counts.snapshots; await sleep(200)) before = counts.snapshots;
  return counts.snapshots;
}

test("nothing is made for a reader who does not read, beyond what the kernel takes [100 KB each]", async (t) => {
  const { counts, open } = await listen(t);
  const socket = await open();
  await once(socket, "data");
  socket.pause();
  const taken = await untilStill(counts);
  // The buffers of both kernels hold some megabytes; without an end it would be thousands.
  assert.ok(taken * SNAPSHOT_BYTES < 64 * 1024 * 1024, `${taken} snapshots`);
  socket.resume();
  for (let seen = taken; counts.snapshots <= seen + 10; ) await once(socket, "data");
});

test("nothing is made for a reader who has left [20 readers]", async (t) => {
  const { counts, open } = await listen(t);
  const sockets = await Promise.all(Array.from({ length: 20 }, () => open()));
  await Promise.all(sockets.map((socket) => once(socket, "data")));
  for (const socket of sockets) socket.destroy();
  const still = await untilStill(counts);
  await sleep(100);
  assert.equal(counts.snapshots, still);
});

test("the 65th connection gets a 503 and one line, and a place is free again when one leaves", async (t) => {
  const { open } = await listen(t);
  const sockets = await Promise.all(Array.from({ length: 64 }, () => open("GET /livez")));
  await Promise.all(sockets.map((socket) => once(socket, "data")));
  const readAnswer = async (): Promise<string> => {
    const socket = await open("GET /livez");
    const answer = String(await once(socket, "data"));
    socket.destroy();
    return answer;
  };
  assert.match(
    await readAnswer(),
    /^HTTP\/1\.1 503 [\s\S]*\r\n\r\n[^\n]+ 64 connections at most\n$/,
  );
  const [first] = sockets;
  first?.destroy();
  const isFree = async () => (await readAnswer()).startsWith("HTTP/1.1 200");
  await waitUntil("a place is free", isFree);
});
