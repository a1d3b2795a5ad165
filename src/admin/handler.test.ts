import assert from "node:assert/strict";
import { test } from "node:test";
import { eventStream } from "./handler.ts";
import type { Monitor } from "./monitor.ts";
import { SampleHistory } from "./samples.ts";
import type { History, Sample, Snapshot, SnapshotEvent } from "./snapshot.ts";

/** A monitor whose samples are taken by the test. */
function newMonitor() {
  const history = new SampleHistory(5);
  let wake = () => {};
  const monitor = {
    history,
    snapshot: () => ({ state: "serving" }) as Snapshot,
    nextSample: () => new Promise<void>((resolve) => (wake = resolve)),
  } as Monitor;
  const sample = (timeMs: number) => {
    history.add({ timeMs } as Sample);
    wake();
  };
  return { monitor, sample };
}

function parse<Data>(text: string): { event: string; data: Data } {
  const [, event = "", data = ""] = /event: (\w+)\ndata: (.*)\n\n$/.exec(text) ?? [];
  return { event, data: JSON.parse(data) as Data };
}

test("first the history, then at once a snapshot, then one with each sample", async () => {
  const { monitor, sample } = newMonitor();
  sample(1);
  sample(2);
  const stream = eventStream(monitor, () => false);
  const first = (await stream.next()).value as string;
  assert.match(first, /^retry: \d+\n\n/);
  const { event, data } = parse<History>(first);
  assert.equal(event, "history");
  assert.deepEqual(data.columns.timeMs, [1, 2]);
  const second = parse<SnapshotEvent>((await stream.next()).value as string);
  assert.equal(second.event, "snapshot");
  assert.deepEqual(second.data.samples, []);
  const third = stream.next();
  sample(3);
  assert.deepEqual(parse<SnapshotEvent>((await third).value as string).data.samples, [
    { timeMs: 3 },
  ]);
});

test("a reader that was slow gets what it missed in one event, and nothing waits for it meanwhile", async () => {
  const { monitor, sample } = newMonitor();
  const stream = eventStream(monitor, () => false);
  await stream.next();
  await stream.next();
  for (let timeMs = 1; timeMs <= 9; timeMs++) sample(timeMs);
  const waiting = stream.next();
  sample(10);
  const { data } = parse<SnapshotEvent>((await waiting).value as string);
  // Only as far as the history goes.
  assert.deepEqual(
    data.samples.map(({ timeMs }) => timeMs),
    [6, 7, 8, 9, 10],
  );
});

test("the stream ends when its reader has left", async () => {
  const { monitor, sample } = newMonitor();
  let hasLeft = false;
  const stream = eventStream(monitor, () => hasLeft);
  await stream.next();
  await stream.next();
  const waiting = stream.next();
  hasLeft = true;
  sample(1);
  assert.equal((await waiting).done, true);
});
