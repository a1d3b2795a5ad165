import assert from "node:assert/strict";
import { test } from "node:test";
import type { Sample, SampleColumns, Snapshot } from "../../src/admin/snapshot.ts";
import { ShownData } from "./shown-data.ts";

function makeSample(timeMs: number): Sample {
  return {
    timeMs,
    requestsPerSecond: 1,
    succeededPerSecond: 1,
    redirectedPerSecond: 0,
    clientErrorsPerSecond: 0,
    refusedPerSecond: 0,
    serverErrorsPerSecond: 0,
    bytesPerSecond: 0,
    latencyP50Ms: null,
    latencyP90Ms: null,
    latencyP99Ms: null,
    connectionsOpen: 0,
    requestsInProgress: 0,
  };
}

/** Nothing here looks into a snapshot; which one it is matters. */
function makeSnapshot(): Snapshot {
  return {} as Snapshot;
}

function makeColumns(...timesMs: number[]): SampleColumns {
  const fields = Object.keys(makeSample(0)) as (keyof Sample)[];
  return Object.fromEntries(
    fields.map((field) => [field, timesMs.map((timeMs) => makeSample(timeMs)[field])]),
  ) as unknown as SampleColumns;
}

test("what comes is shown", () => {
  const data = new ShownData();
  const snapshot = makeSnapshot();
  data.noteHistory({ columns: makeColumns(1000) });
  data.noteEvent({ samples: [makeSample(2000), makeSample(3000)], snapshot });
  assert.deepEqual(data.shown.columns.timeMs, [1000, 2000, 3000]);
  assert.equal(data.shown.snapshot, snapshot);
});

test("while paused what is shown stands still; afterwards nothing is missing", () => {
  const data = new ShownData();
  const first = makeSnapshot();
  const second = makeSnapshot();
  data.noteEvent({ samples: [makeSample(1000)], snapshot: first });
  data.pause();
  data.noteEvent({ samples: [makeSample(2000)], snapshot: second });
  assert.deepEqual(data.shown.columns.timeMs, [1000]);
  assert.equal(data.shown.snapshot, first);
  assert.equal(data.latestSnapshot, second);
  data.resume();
  assert.deepEqual(data.shown.columns.timeMs, [1000, 2000]);
  assert.equal(data.shown.snapshot, second);
});

test("pausing twice keeps the first moment", () => {
  const data = new ShownData();
  data.noteEvent({ samples: [makeSample(1000)], snapshot: makeSnapshot() });
  data.pause();
  data.noteEvent({ samples: [makeSample(2000)], snapshot: makeSnapshot() });
  data.pause();
  assert.deepEqual(data.shown.columns.timeMs, [1000]);
  assert.ok(data.isPaused);
});

test("a server that began anew is shown alone, after a pause too", () => {
  const data = new ShownData();
  data.noteEvent({ samples: [makeSample(1000)], snapshot: makeSnapshot() });
  data.pause();
  data.noteHistory({ columns: makeColumns(90_000) });
  assert.deepEqual(data.shown.columns.timeMs, [1000]);
  data.resume();
  assert.deepEqual(data.shown.columns.timeMs, [90_000]);
});
