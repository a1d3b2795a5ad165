// What every limiter must do, wherever it keeps its windows: cases that are run on each of them by
// limiter.test.ts and limiter.full.test.ts. Time is handed in, so that nothing depends on how fast the
// machine is; all times are multiples of a quarter millisecond, which no limiter has to round.

import assert from "node:assert/strict";
import fc from "fast-check";
import type { Admission } from "../../src/limit/sliding-window.ts";

/** Several servers, or threads, that keep one limit. */
export interface LimitedServers {
  /** Asks server number `server` (0 and up). */
  admit(server: number, client: string, nowMs: number): Admission | Promise<Admission>;
}

export interface LimiterSubject {
  readonly name: string;
  /** New windows at each call. */
  start(limit: { readonly count: number; readonly windowMs: number }): LimitedServers;
  /** How much of the limit may be missing when a request is refused, above 64 admissions. */
  shareMissingMax(count: number): number;
  /** How much longer than a window an admission may count. */
  lateMs(count: number, windowMs: number): number;
}

export interface LimiterCase {
  readonly name: string;
  run(subject: LimiterSubject): Promise<void>;
}

const SERVERS = 3;
const START_MS = 1_000_000;

export const LIMITER_CASES: readonly LimiterCase[] = [
  {
    name: "N pass, what is left is counted down, the next is told how long to wait [3 in 1 s]",
    async run(subject) {
      const servers = subject.start({ count: 3, windowMs: 1000 });
      const answers: Admission[] = [];
      for (const afterMs of [0, 250, 500, 600]) {
        answers.push(await servers.admit(0, "a", START_MS + afterMs));
      }
      assert.deepEqual(answers, [
        { kind: "admitted", remaining: 2, waitMs: 1000 },
        { kind: "admitted", remaining: 1, waitMs: 750 },
        { kind: "admitted", remaining: 0, waitMs: 500 },
        { kind: "refused", remaining: 0, waitMs: 400 },
      ]);
    },
  },
  {
    name: "who waits as long as told passes, and not a quarter millisecond before [1 in 1 s]",
    async run(subject) {
      const servers = subject.start({ count: 1, windowMs: 1000 });
      await servers.admit(0, "a", START_MS);
      const early = await servers.admit(0, "a", START_MS + 999.75);
      assert.deepEqual(early, { kind: "refused", remaining: 0, waitMs: 0.25 });
      assert.equal((await servers.admit(0, "a", START_MS + 1000)).kind === "admitted", true);
    },
  },
  {
    name: "requests of one moment: exactly N pass, each told another number [200 at 5 in 1 s]",
    async run(subject) {
      const servers = subject.start({ count: 5, windowMs: 1000 });
      const answers = await Promise.all(
        Array.from({ length: 200 }, (_, index) => servers.admit(index % SERVERS, "a", START_MS)),
      );
      const passed = answers.filter(({ kind }) => kind === "admitted");
      assert.deepEqual(passed.map(({ remaining }) => remaining).sort(), [0, 1, 2, 3, 4]);
      for (const { kind, waitMs } of answers) if (kind !== "admitted") assert.equal(waitMs, 1000);
    },
  },
  {
    name: "each client has a window of its own, and all servers share it [2 in 60 s]",
    async run(subject) {
      const servers = subject.start({ count: 2, windowMs: 60_000 });
      const passed = async (server: number, client: string) =>
        (await servers.admit(server, client, START_MS)).kind === "admitted";
      assert.deepEqual([await passed(0, "a"), await passed(1, "a")], [true, true]);
      assert.deepEqual([await passed(2, "a"), await passed(0, "a")], [false, false]);
      assert.deepEqual([await passed(2, "b"), await passed(1, "b")], [true, true]);
      assert.deepEqual([await passed(0, "b"), await passed(1, "c")], [false, true]);
    },
  },
  {
    name: "a clock that goes back gives nobody more, and makes nobody wait more than a window",
    async run(subject) {
      const servers = subject.start({ count: 2, windowMs: 1000 });
      await servers.admit(0, "a", START_MS + 500);
      const second = await servers.admit(1, "a", START_MS + 250);
      assert.deepEqual(second, { kind: "admitted", remaining: 0, waitMs: 1000 });
      const third = await servers.admit(2, "a", START_MS + 499.75);
      assert.equal(third.kind === "admitted", false);
      assert.ok(third.waitMs <= 1000, `${third.waitMs}`);
      assert.equal((await servers.admit(2, "a", START_MS + 1500)).kind === "admitted", true);
    },
  },
  {
    name: "what is admitted on a clock that lags counts from the latest before it [3 in 1 s]",
    async run(subject) {
      const servers = subject.start({ count: 3, windowMs: 1000 });
      await servers.admit(0, "a", START_MS + 500);
      await servers.admit(1, "a", START_MS + 250);
      const third = await servers.admit(2, "a", START_MS + 1400);
      assert.deepEqual(third, { kind: "admitted", remaining: 0, waitMs: 100 });
    },
  },
  {
    name: "what is held in advance counts when it is used [640 in 1 s, used 14 ms later]",
    run: (subject) => checkLateUse(subject),
  },
  {
    name: "up to 64: admitted exactly when fewer than N stand in the window [random runs]",
    run: (subject) => checkExact(subject),
  },
  {
    name: "above 64: never more than N in any window, and nearly N [random runs]",
    run: (subject) => checkBounded(subject),
  },
];

interface Run {
  readonly count: number;
  readonly windowMs: number;
  readonly steps: readonly { readonly gapMs: number; readonly server: number }[];
}

/** Bursts, a steady flow, about a window, long quiets; each step asks another server. */
function runsOf(minCount: number, maxCount: number, stepCount: number): fc.Arbitrary<Run> {
  const quarters = (min: number, max: number) =>
    fc.integer({ min: Math.ceil(min * 4), max: Math.ceil(max * 4) }).map((n) => n / 4);
  return fc
    .record({
      count: fc.integer({ min: minCount, max: maxCount }),
      windowMs: fc.constantFrom(250, 1000, 60_000, 3_600_000),
    })
    .chain(({ count, windowMs }) => {
      const gapMs = fc.oneof(
        { weight: 5, arbitrary: fc.constant(0) },
        { weight: 4, arbitrary: quarters(0, (2 * windowMs) / count) },
        { weight: 1, arbitrary: quarters(windowMs - 1, windowMs + 1) },
        { weight: 1, arbitrary: quarters(0, 3 * windowMs) },
      );
      const step = fc.record({ gapMs, server: fc.nat(SERVERS - 1) });
      const steps = fc.array(step, { minLength: 1, maxLength: stepCount, size: "max" });
      return fc.record({ count: fc.constant(count), windowMs: fc.constant(windowMs), steps });
    });
}

function countSince(admissionsMs: readonly number[], fromMs: number): number {
  return admissionsMs.filter((atMs) => atMs > fromMs).length;
}

/**
 * One server is busy enough to hold some in advance, and uses them at the end of their life; another
 * takes all that is left then, and all that a window after the first requests is free again.
 */
async function checkLateUse(subject: LimiterSubject): Promise<void> {
  const limit = { count: 640, windowMs: 1000 };
  const servers = subject.start(limit);
  const admissionsMs: number[] = [];
  const ask = async (server: number, atMs: number): Promise<void> => {
    const { kind } = await servers.admit(server, "a", atMs);
    if (kind === "admitted") admissionsMs.push(atMs);
    const spent = countSince(admissionsMs, atMs - limit.windowMs);
    assert.ok(spent <= limit.count, `${spent} in the window before ${atMs - START_MS} ms`);
  };
  const together = (server: number, atMs: number, times: number) =>
    Promise.all(Array.from({ length: times }, () => ask(server, atMs)));
  await together(0, START_MS, 8);
  await together(0, START_MS + 1, 8);
  await together(1, START_MS + 2, 640);
  for (let times = 0; times < 40; times++) await ask(0, START_MS + 15);
  for (const afterMs of [999, 1000, 1001, 1005, 1010, 1014]) {
    await together(1, START_MS + afterMs, 640);
  }
  assert.ok(admissionsMs.length >= limit.count * 0.9, `${admissionsMs.length}`);
}

function checkExact(subject: LimiterSubject): Promise<void> {
  const property = fc.asyncProperty(runsOf(1, 64, 150), async ({ count, windowMs, steps }) => {
    const servers = subject.start({ count, windowMs });
    const admissionsMs: number[] = [];
    let nowMs = START_MS;
    for (const { gapMs, server } of steps) {
      nowMs += gapMs;
      const before = countSince(admissionsMs, nowMs - windowMs);
      const { kind, remaining, waitMs } = await servers.admit(server, "a", nowMs);
      const admitted = kind === "admitted";
      assert.equal(admitted, before < count);
      if (admitted) admissionsMs.push(nowMs);
      assert.equal(remaining, count - countSince(admissionsMs, nowMs - windowMs));
      const first = admissionsMs.find((atMs) => atMs > nowMs - windowMs) ?? Number.NaN;
      assert.equal(waitMs, first + windowMs - nowMs);
    }
  });
  return fc.assert(property, { numRuns: 60 });
}

function checkBounded(subject: LimiterSubject): Promise<void> {
  const property = fc.asyncProperty(runsOf(65, 300, 700), async ({ count, windowMs, steps }) => {
    const servers = subject.start({ count, windowMs });
    const fewest = count * (1 - subject.shareMissingMax(count));
    const countedMs = windowMs + subject.lateMs(count, windowMs);
    const admissionsMs: number[] = [];
    let nowMs = START_MS;
    for (const { gapMs, server } of steps) {
      nowMs += gapMs;
      const { kind, remaining, waitMs } = await servers.admit(server, "a", nowMs);
      const admitted = kind === "admitted";
      if (admitted) admissionsMs.push(nowMs);
      const spent = countSince(admissionsMs, nowMs - windowMs);
      assert.ok(spent <= count, `${spent} of ${count} in the window before ${nowMs}`);
      assert.ok(remaining >= 0 && remaining < count, `${remaining} left of ${count}`);
      // Where a server has some in advance it tells what it knew when it took them.
      if (countedMs === windowMs) assert.ok(remaining <= count - spent, `${remaining} left`);
      assert.ok(waitMs >= 0 && waitMs <= countedMs, `${waitMs}`);
      const counted = countSince(admissionsMs, nowMs - countedMs);
      if (!admitted) assert.ok(counted >= fewest, `refused with ${counted} of ${count}`);
    }
  });
  return fc.assert(property, { numRuns: 12 });
}
