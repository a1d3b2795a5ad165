import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import {
  continueInSlices,
  PAUSE,
  runFirstSlice,
  runWhole,
  type SlicedWork,
  settled,
} from "./time-slice.ts";

const NOTHING = { text: "", isAll: false };
const ENDLESS = Number.POSITIVE_INFINITY;

function* work(texts: readonly string[], ended: string[] = []): SlicedWork<void> {
  try {
    for (const text of texts) yield text;
  } finally {
    ended.push("ended");
  }
}

/** A clock on which every look takes `stepMs`. */
function clockOf(stepMs: number): () => number {
  let nowMs = 0;
  return () => {
    nowMs += stepMs;
    return nowMs;
  };
}

test("short work is done in the first slice, pauses and all", () => {
  const first = runFirstSlice(work(["a", PAUSE, "b"]), ENDLESS);
  assert.deepEqual(first, { text: "ab", isAll: true });
});

test("the first slice ends after 24 steps, and with enough text", () => {
  const texts = Array.from({ length: 100 }, () => "a");
  assert.deepEqual(runFirstSlice(work(texts), ENDLESS), { text: "a".repeat(24), isAll: false });
  assert.deepEqual(runFirstSlice(work(texts), 2), { text: "aa", isAll: false });
});

test("what the work throws in the first slice is thrown", () => {
  // biome-ignore lint/correctness/useYield: it fails before it has anything
  const failing = function* (): SlicedWork<void> {
    throw new Error("no");
  };
  assert.throws(() => runFirstSlice(failing(), ENDLESS), { message: "no" });
});

test("the rest follows what was begun", async () => {
  const parts = work(["a", "b", PAUSE, "c"]);
  const first = runFirstSlice(parts, 1);
  const all = await Array.fromAsync(continueInSlices(first, parts, clockOf(0)));
  assert.deepEqual(all, ["a", "b", "c"]);
});

test("others have their turn within the work when it takes long (10 pauses of a slice each)", async () => {
  const parts = work(Array.from({ length: 10 }, () => PAUSE));
  let turns = 0;
  let isOver = false;
  const others = (async () => {
    for (; !isOver; turns++) await setImmediate();
  })();
  const all = await Array.fromAsync(continueInSlices(NOTHING, parts, clockOf(6)));
  assert.equal(all.join(""), "");
  isOver = true;
  await others;
  assert.ok(turns >= 10, `${turns} turns`);
});

test("who takes no more ends the work (after the first part)", async () => {
  const ended: string[] = [];
  const parts = continueInSlices(
    { text: "begun", isAll: false },
    work(["a", "b"], ended),
    clockOf(0),
  );
  assert.deepEqual(await parts.next(), { done: false, value: "begun" });
  assert.deepEqual(await parts.next(), { done: false, value: "a" });
  assert.deepEqual(ended, []);
  await parts.return(undefined);
  assert.deepEqual(ended, ["ended"]);
});

test("who takes it can end work that makes no text for long (1000 pauses of a slice each)", async () => {
  const ended: string[] = [];
  const pauses = Array.from({ length: 1000 }, () => PAUSE);
  let steps = 0;
  for await (const _text of continueInSlices(NOTHING, work(pauses, ended), clockOf(6))) {
    if (++steps === 3) break;
  }
  assert.deepEqual(ended, ["ended"]);
});

test("run as a whole, work gives its text and its result", () => {
  const counting = function* (): SlicedWork<number> {
    yield "a";
    yield PAUSE;
    yield "b";
    return 7;
  };
  assert.deepEqual(runWhole(counting()), { text: "ab", result: 7 });
});

test("work may wait for something: its value, or its error, is there when the work goes on", async () => {
  const waiting = function* (): SlicedWork<void> {
    yield "a";
    yield yield* settled(Promise.resolve("b"));
    yield yield* settled("c");
    try {
      yield* settled(Promise.reject(new Error("d")));
    } catch (error) {
      yield (error as Error).message;
    }
  };
  const parts = waiting();
  const first = runFirstSlice(parts, ENDLESS);
  assert.deepEqual([first.text, first.isAll], ["a", false]);
  const all = await Array.fromAsync(continueInSlices(first, parts, clockOf(0)));
  assert.equal(all.join(""), "abcd");
});

test("who takes it can end work that waits for what never comes", async () => {
  const ended: string[] = [];
  const waiting = function* (): SlicedWork<void> {
    try {
      yield* settled(new Promise(() => {}));
    } finally {
      ended.push("ended");
    }
  };
  const parts = waiting();
  // The wait alone keeps no process alive.
  const alive = setInterval(() => {}, 1000);
  let pauses = 0;
  for await (const _text of continueInSlices(runFirstSlice(parts, 1), parts, clockOf(0))) {
    if (++pauses === 3) break;
  }
  clearInterval(alive);
  assert.deepEqual(ended, ["ended"]);
});

test("several long works have one slice of each turn together (4 works, 5 slices each)", async () => {
  let turns = 0;
  let isOver = false;
  const others = (async () => {
    for (; !isOver; turns++) await setImmediate();
  })();
  await Promise.all(
    Array.from({ length: 4 }, () =>
      Array.fromAsync(
        continueInSlices(NOTHING, work(Array.from({ length: 5 }, () => PAUSE)), clockOf(6)),
      ),
    ),
  );
  isOver = true;
  await others;
  assert.ok(turns >= 20, `${turns} turns`);
});
