import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { type TestContext, test } from "node:test";
import { countOperations } from "../../test/fixtures/crash-point.ts";
import { SharedHitCounter } from "../hits/hit-counter.ts";
import { HitLedger } from "../hits/hit-ledger.ts";
import { createSharedMemory } from "../shared-memory/memory-layout.ts";
import { FleetSaver } from "./fleet-saver.ts";
import { ENTER, type ScriptRunner } from "./hit-scripts.ts";

const WAIT_MS_MAX = 60_000;

/** A store that takes everything, unless it is told to do otherwise; and what its server tells of it. */
function newSaver(t: TestContext, hitFilesMax = 16) {
  let [isUp, hangs, nowMs, callCount] = [true, false, 1_000_000, 0];
  const [told, warnings]: [string[], string[]] = [[], []];
  let wake = () => {};
  const scripts: ScriptRunner = {
    async run(script, _keys, args) {
      callCount++;
      wake();
      if (hangs) return new Promise(() => {});
      if (!isUp) throw new Error("it is gone");
      return script === ENTER ? 1 : ["ok", String(args[2]), "0"];
    },
  };
  const memory = createSharedMemory({
    hashSecret: randomBytes(32),
    cellCount: 0,
    hitFilesMax,
  });
  const saver = new FleetSaver({
    scripts,
    prefix: "test:",
    shown: "redis://store:6379/0",
    place: undefined,
    ledger: new HitLedger(memory),
    warn: (line) => warnings.push(line),
    onChange: (up, reason) => told.push(up ? "up" : reason),
    wallMs: () => nowMs,
  });
  t.after(() => saver.stopAtOnce());
  return {
    saver,
    told,
    warnings,
    counter: new SharedHitCounter(memory, 1),
    set: (state: "up" | "gone" | "hanging") => {
      isUp = state === "up";
      hangs = state === "hanging";
    },
    pass: (ms: number) => {
      nowMs += ms;
    },
    /** That so many calls have come since. */
    calls: async (count: number) => {
      const wanted = callCount + count;
      const deadline = AbortSignal.timeout(WAIT_MS_MAX);
      while (callCount < wanted) {
        assert.ok(!deadline.aborted, "no calls come");
        await new Promise<void>((resolve) => {
          wake = resolve;
          deadline.addEventListener("abort", () => resolve());
        });
      }
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

test("the lag grows while the store is gone, which is told once, as is that it is back", async (t) => {
  const { saver, told, set, pass, calls } = newSaver(t);
  await saver.start();
  assert.equal(saver.lagMs, 0);
  set("gone");
  await calls(1);
  pass(5000);
  assert.deepEqual(told, [], "one failure may be a hiccup");
  await calls(2);
  assert.equal(saver.lagMs, 5000);
  assert.deepEqual(told, ["it is gone"]);
  set("up");
  await calls(1);
  assert.deepEqual(told, ["it is gone", "up"]);
  assert.equal(saver.lagMs, 0);
});

test("a store that is gone at the start is told at once, and the start does not wait", async (t) => {
  const { saver, told, set } = newSaver(t);
  set("gone");
  await saver.start();
  assert.deepEqual(told, ["it is gone"]);
});

test("a store that hangs holds up neither start nor stop, and what is lost is told", async (t) => {
  const { saver, warnings, counter, set } = newSaver(t);
  set("hanging");
  await saver.start();
  for (let hit = 0; hit < 3; hit++) counter.add("/a");
  await saver.stop();
  await saver.stop();
  assert.deepEqual(warnings, [
    "hits that could not be saved in the store redis://store:6379/0 and are lost: 3",
  ]);
});

test("a stop merges what was counted last, and says nothing [also after a pass under way]", async (t) => {
  const { saver, warnings, counter } = newSaver(t);
  await saver.start();
  counter.add("/a");
  saver.passNow();
  counter.add("/a");
  await saver.stop();
  assert.deepEqual(warnings, []);
});

test("a pass costs as much as there are changes, however many files are counted [100,000]", async (t) => {
  const { saver, counter, calls } = newSaver(t, 1 << 17);
  await saver.start();
  for (let file = 0; file < 100_000; file++) counter.add(`/${file}`);
  const pass = () =>
    countOperations(async () => {
      saver.passNow();
      await calls(1);
    });
  // 400 calls of 250 files each, and one that finds nothing more.
  saver.passNow();
  await calls(401);
  assert.ok((await pass()) <= 20);
  for (const file of [7, 70_000, 99_999]) counter.add(`/${file}`);
  assert.ok((await pass()) <= 60);
  assert.ok((await pass()) <= 20);
});
