import assert from "node:assert/strict";
import { test } from "node:test";
import { LiveMeter, type LivePart, readLivePart } from "./live-state.ts";
import { LoadTally } from "./tally.ts";

const plan = { model: { kind: "closed" }, sources: [], checksBodies: false } as const;

function record(tally: LoadTally, count: number, elapsedMs: number, status = 200): void {
  for (let index = 0; index < count; index++) {
    const times = { latencyMs: 10, latencyFromDueMs: 10, elapsedMs };
    tally.recordAnswer({
      status,
      bodyBytes: 1,
      isRetried: false,
      oddities: 0,
      sourceIndex: 0,
      ...times,
    });
  }
}

/** Through the copy that it is on its way from a thread. */
const partOf = (tally: LoadTally): LivePart => structuredClone(readLivePart(tally.data));

test("the parts of two threads are added up, seconds by their number", () => {
  const tallies = [new LoadTally(plan), new LoadTally(plan)] as const;
  record(tallies[0], 3, 500);
  record(tallies[1], 2, 1500, 429);
  tallies[1].recordFailure({ kind: "failed", reason: "reset", detail: "x" }, false, 0, 2500);
  const meter = new LiveMeter({ plannedMs: 10_000, planned: 100 });
  const state = meter.read(tallies.map(partOf), 2600);
  assert.deepEqual([state.done, state.failed, state.planned, state.plannedMs], [6, 1, 100, 10_000]);
  assert.deepEqual(state.byStatus, { 200: 3, 429: 2 });
  assert.deepEqual(state.ratesBySecond, [3, 2]);
  assert.deepEqual([state.p50Ms, state.p99Ms], [10, 10]);
});

test("rates are those of the latest second, not of the whole run", () => {
  const tally = new LoadTally(plan);
  const meter = new LiveMeter({ plannedMs: undefined, planned: undefined });
  record(tally, 1000, 100);
  assert.equal(Math.round(meter.read([partOf(tally)], 500).rate), 2000);
  record(tally, 10, 1000, 429);
  meter.read([partOf(tally)], 1500);
  record(tally, 20, 2000);
  const state = meter.read([partOf(tally)], 2500);
  assert.deepEqual([state.rate, state.admittedRate], [20, 20]);
  assert.equal("planned" in state, false);
});

test("before anything is done there is no latency, and in the warm-up no second", () => {
  const state = new LiveMeter({ plannedMs: 1, planned: 1 }).read(
    [partOf(new LoadTally(plan))],
    -50,
  );
  assert.deepEqual([state.done, state.rate, state.p50Ms], [0, 0, undefined]);
  assert.deepEqual(state.ratesBySecond, []);
});

test("a long run reports its latest 120 complete seconds", () => {
  const tally = new LoadTally(plan);
  for (let second = 0; second <= 300; second++) record(tally, second, second * 1000 + 1);
  const part = partOf(tally);
  assert.equal(part.doneBySecond.length, 121);
  const { ratesBySecond } = new LiveMeter({ plannedMs: 1, planned: 1 }).read([part], 300_500);
  assert.deepEqual([ratesBySecond.length, ratesBySecond[0], ratesBySecond.at(-1)], [120, 180, 299]);
});
