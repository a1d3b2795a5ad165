import assert from "node:assert/strict";
import { test } from "node:test";
import { runCounterRace } from "./counter-race.ts";

const { signal } = new AbortController();

test("3 threads that add 10000 times each with Atomics.add lose nothing", async () => {
  const options = { form: "Atomics.add", threadCount: 3, additionsPerThread: 10_000 } as const;
  const run = await runCounterRace({ ...options, signal });
  assert.deepEqual(run, {
    form: "Atomics.add",
    threads: 3,
    additions: 30_000,
    counted: 30_000,
    lost: 0,
  });
});

test("the plain form counts exactly where there is no other thread, and never too much", async () => {
  const options = { form: "plain read and write", additionsPerThread: 10_000 } as const;
  assert.equal((await runCounterRace({ ...options, threadCount: 1, signal })).lost, 0);
  const { counted, lost, additions } = await runCounterRace({ ...options, threadCount: 3, signal });
  assert.ok(counted >= 2 && counted <= additions, `counted ${counted}`);
  assert.equal(counted + lost, additions);
});

test("a race that is stopped rejects with the signal's reason", async () => {
  const controller = new AbortController();
  const run = runCounterRace({
    form: "Atomics.add",
    threadCount: 2,
    additionsPerThread: 1_000_000_000,
    signal: controller.signal,
  });
  controller.abort(new Error("enough"));
  await assert.rejects(run, /^Error: enough$/);
});
