import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { limiterTableShape } from "../memory/memory-layout.ts";
import {
  type Admission,
  admitInWindow,
  CELLS_MAX,
  readWindow,
  resetWindow,
  roomOfCell,
  type WindowContent,
  type WindowMemory,
  type WindowShape,
  waitInWindow,
  windowShape,
} from "./window.ts";

/** The memory holds nothing but one slot. */
const SLOT = 0;
/** What lies in memory before it is a window's. */
const LEFTOVER_BYTE = 77;

/** The window of one client, in memory of its own. */
class Window {
  readonly shape: WindowShape;
  readonly memory: WindowMemory;

  constructor(shape: WindowShape, memory?: WindowMemory) {
    this.shape = shape;
    this.memory = memory ?? viewsOf(newSlotBytes(shape));
    if (memory === undefined) resetWindow(this.memory, SLOT, shape);
  }

  admit(nowMs: number): Admission {
    return admitInWindow(this.memory, SLOT, this.shape, nowMs);
  }

  read(nowMs: number): WindowContent {
    return readWindow(this.memory, SLOT, this.shape, nowMs);
  }

  wait(nowMs: number): number {
    return waitInWindow(this.memory, SLOT, this.shape, nowMs);
  }

  copy(): Window {
    return new Window(this.shape, viewsOf(this.memory.words.buffer.slice(0)));
  }

  /** How many requests at that moment would be admitted, one after the other. */
  roomAt(nowMs: number): number {
    const copy = this.copy();
    let room = 0;
    while (copy.admit(nowMs).kind === "admitted") room++;
    return room;
  }
}

function newSlotBytes(shape: WindowShape): ArrayBuffer {
  const bytes = new Uint8Array(limiterTableShape(shape.cellCount).payloadWords * 4);
  return bytes.fill(LEFTOVER_BYTE).buffer;
}

function viewsOf(memory: ArrayBufferLike): WindowMemory {
  return { words: new Int32Array(memory), floats: new Float64Array(memory) };
}

function outcomes(window: Window, timesMs: readonly number[]): string {
  return timesMs.map((nowMs) => (window.admit(nowMs).kind === "admitted" ? "+" : "-")).join("");
}

const CASES: readonly [count: number, windowMs: number, timesMs: number[], expected: string][] = [
  [5, 1000, [0, 0, 0, 0, 0, 0], "+++++-"],
  [5, 1000, [0, 0, 0, 0, 0, 999, 1000], "+++++-+"],
  // A refusal does not extend the wait.
  [1, 1000, [0, 500, 999, 1000], "+--+"],
  [2, 1000, [0, 900, 999, 1000, 1899, 1900], "++-+-+"],
  // A bucket of 5 that is refilled at 5/s would admit all of these.
  [5, 1000, [0, 0, 0, 0, 0, 200, 400, 600, 800, 1000, 1200], "+++++----++"],
  // After a long quiet there are five again, and not more.
  [5, 1000, [0, 9e8, 9e8, 9e8, 9e8, 9e8, 9e8], "++++++-"],
  [1, 3_600_000, [0, 3_599_999, 3_600_000], "+-+"],
  // A clock that begins below zero, or that stands still.
  [2, 1000, [-5000, -5000, -5000, -4000], "++-+"],
];

for (const [count, windowMs, timesMs, expected] of CASES) {
  test(`${count} in ${windowMs} ms, asked at [${timesMs.join(", ")}]: ${expected}`, () => {
    assert.equal(outcomes(new Window(windowShape(count, windowMs)), timesMs), expected);
  });
}

test("remaining counts down, and waitMs says when the first admission leaves [3/s]", () => {
  const window = new Window(windowShape(3, 1000));
  const at = (nowMs: number) => {
    const { kind, remaining, waitMs } = window.admit(nowMs);
    const admitted = kind === "admitted";
    return [admitted, remaining, waitMs];
  };
  assert.deepEqual(at(100), [true, 2, 1000]);
  assert.deepEqual(at(300), [true, 1, 800]);
  assert.deepEqual(at(400), [true, 0, 700]);
  assert.deepEqual(at(500), [false, 0, 600]);
  assert.deepEqual(at(1100), [true, 0, 200]);
  assert.deepEqual(at(1350), [true, 0, 50]);
  assert.deepEqual(at(2350), [true, 2, 1000]);
});

test("a limit is spread over at most 64 cells, and the room of all cells adds up to it", () => {
  for (const count of [1, 2, 63, 64, 65, 100, 127, 128, 1000, 4097, 1_000_000]) {
    const shape = windowShape(count, 1000);
    let room = 0;
    for (let cell = 0; cell < shape.cellCount; cell++) room += roomOfCell(shape, cell);
    assert.equal(room, count);
    assert.equal(shape.cellCount, Math.min(count, CELLS_MAX));
    assert.equal(new Window(shape).roomAt(0), count, `${count} at once`);
  }
});

test("a clock that was read earlier than the latest admission counts as that one [99 after 100]", () => {
  const window = new Window(windowShape(3, 1000));
  window.admit(100);
  // Read before the admission at 100, handed in after it.
  assert.deepEqual(window.admit(99), { kind: "admitted", remaining: 1, waitMs: 1000 });
  window.admit(101);
  const refused = window.admit(98);
  assert.deepEqual(refused, { kind: "refused", remaining: 0, waitMs: 999 });
  // The cells are 100, 100, 101: at 1099.5 all are in the window, and remaining must say so.
  assert.deepEqual(window.admit(1099.5), { kind: "refused", remaining: 0, waitMs: 0.5 });
  assert.equal(window.roomAt(1100), 2);
});

test("no wait is longer than the window, however large the clock [just below 2^30 ms]", () => {
  for (let step = 1; step <= 1000; step++) {
    const window = new Window(windowShape(1, 1000));
    const nowMs = 2 ** 30 - step * 0.731_942_3;
    assert.ok(window.admit(nowMs).waitMs <= 1000, `admitted at ${nowMs}`);
    assert.ok(window.admit(nowMs).waitMs <= 1000, `refused at ${nowMs}`);
  }
});

/** Gaps between requests: bursts, a steady flow, about a window, long quiets. Quarters are exact. */
function gapsFor(shape: WindowShape, gapCount: number): fc.Arbitrary<number[]> {
  const quarters = (min: number, max: number) =>
    fc.integer({ min: Math.ceil(min * 4), max: Math.ceil(max * 4) }).map((n) => n / 4);
  const { count, windowMs } = shape;
  const gap = fc.oneof(
    { weight: 4, arbitrary: fc.constant(0) },
    { weight: 4, arbitrary: quarters(0, (2 * windowMs) / count) },
    { weight: 1, arbitrary: quarters(windowMs - 1, windowMs + 1) },
    { weight: 1, arbitrary: quarters(0, 3 * windowMs) },
  );
  // The size: left to itself the generator makes short lists, which never come to the limit.
  return fc.array(gap, { minLength: 1, maxLength: gapCount, size: "max" });
}

function runsOf(
  minCount: number,
  maxCount: number,
  gapCount: number,
): fc.Arbitrary<{ shape: WindowShape; gaps: number[]; startMs: number }> {
  return fc
    .record({
      count: fc.integer({ min: minCount, max: maxCount }),
      windowMs: fc.constantFrom(250, 1000, 60_000, 3_600_000),
    })
    .chain(({ count, windowMs }) => {
      const shape = windowShape(count, windowMs);
      const startMs = fc.integer({ min: -10_000, max: 2 ** 31 });
      return fc.record({ shape: fc.constant(shape), gaps: gapsFor(shape, gapCount), startMs });
    });
}

function inWindow(admissionsMs: readonly number[], nowMs: number, windowMs: number): number {
  return admissionsMs.filter((atMs) => atMs > nowMs - windowMs && atMs <= nowMs).length;
}

test("up to 64: admitted exactly when fewer than N stand in the window [random runs]", () => {
  const property = fc.property(runsOf(1, CELLS_MAX, 300), ({ shape, gaps, startMs }) => {
    const window = new Window(shape);
    const admissionsMs: number[] = [];
    let nowMs = startMs;
    for (const gap of gaps) {
      nowMs += gap;
      const before = inWindow(admissionsMs, nowMs, shape.windowMs);
      const { kind, remaining, waitMs } = window.admit(nowMs);
      const admitted = kind === "admitted";
      assert.equal(admitted, before < shape.count);
      if (admitted) admissionsMs.push(nowMs);
      assert.equal(remaining, shape.count - inWindow(admissionsMs, nowMs, shape.windowMs));
      const first = admissionsMs.find((atMs) => atMs > nowMs - shape.windowMs) ?? Number.NaN;
      assert.equal(waitMs, first + shape.windowMs - nowMs);
      if (admitted) continue;
      assert.ok(window.roomAt(nowMs + waitMs) > 0, "who waits as long as told is admitted");
      assert.equal(window.roomAt(nowMs + waitMs - 0.25), 0, "and not before");
    }
  });
  fc.assert(property, { numRuns: 300 });
});

test("above 64: never more than N in any window, at most 1/64 less when refused [random runs]", () => {
  const property = fc.property(runsOf(CELLS_MAX + 1, 300, 1000), ({ shape, gaps, startMs }) => {
    const window = new Window(shape);
    const admissionsMs: number[] = [];
    let nowMs = startMs;
    for (const gap of gaps) {
      nowMs += gap;
      const { kind, remaining, waitMs } = window.admit(nowMs);
      const admitted = kind === "admitted";
      if (admitted) admissionsMs.push(nowMs);
      const spent = inWindow(admissionsMs.slice(-shape.count - 1), nowMs, shape.windowMs);
      assert.ok(spent <= shape.count, `${spent} in the window before ${nowMs}`);
      assert.ok(remaining >= 0 && remaining <= shape.count - spent);
      if (admitted) continue;
      assert.equal(remaining, 0);
      assert.ok(spent >= shape.count * (1 - 1 / CELLS_MAX), `refused with ${spent} in the window`);
      assert.ok(window.roomAt(nowMs + waitMs) > 0, "who waits as long as told is admitted");
    }
  });
  fc.assert(property, { numRuns: 60 });
});

test("remaining is what is admitted next, neither more nor less [random runs, 1 to 300]", () => {
  const property = fc.property(runsOf(1, 300, 200), ({ shape, gaps, startMs }) => {
    const window = new Window(shape);
    let nowMs = startMs;
    for (const gap of gaps) {
      nowMs += gap;
      assert.equal(window.admit(nowMs).remaining, window.roomAt(nowMs));
    }
  });
  fc.assert(property, { numRuns: 60 });
});

test("a steady flow of twice the limit gets at least 63/64 of the limit [500/s, 10 windows]", () => {
  const shape = windowShape(500, 1000);
  const window = new Window(shape);
  let admitted = 0;
  for (let nowMs = 0; nowMs < 10_000; nowMs++)
    if (window.admit(nowMs).kind === "admitted") admitted++;
  assert.ok(admitted >= 5000 * (1 - 1 / CELLS_MAX) && admitted <= 5000, `${admitted} of 5000`);
});

test("clocks that disagree: every admission fits, moved to the latest before it [random runs]", () => {
  const run = runsOf(1, CELLS_MAX, 300).chain((base) =>
    fc.record({
      base: fc.constant(base),
      // How much earlier than the others this thread has read its clock.
      late: fc.array(fc.constantFrom(0, 0, 0, 0.25, 1, 5), { minLength: 300, maxLength: 300 }),
    }),
  );
  const property = fc.property(run, ({ base: { shape, gaps, startMs }, late }) => {
    const window = new Window(shape);
    const admissionsMs: number[] = [];
    let clockMs = startMs;
    gaps.forEach((gap, index) => {
      clockMs += gap;
      const nowMs = clockMs - (late[index] ?? 0);
      const atMs = Math.max(nowMs, admissionsMs.at(-1) ?? Number.NEGATIVE_INFINITY);
      const before = inWindow(admissionsMs, atMs, shape.windowMs);
      const { kind, remaining, waitMs } = window.admit(nowMs);
      const admitted = kind === "admitted";
      assert.equal(admitted, before < shape.count);
      if (admitted) admissionsMs.push(atMs);
      assert.equal(remaining, shape.count - inWindow(admissionsMs, atMs, shape.windowMs));
      assert.ok(waitMs <= shape.windowMs);
    });
  });
  fc.assert(property, { numRuns: 200 });
});

test("reading a window changes nothing and tells each admission in it [5/s, at 0, 300 and 900]", () => {
  const window = new Window(windowShape(5, 1000));
  for (const atMs of [0, 300, 900]) window.admit(atMs);
  assert.deepEqual(window.read(950), { used: 3, agesMs: [50, 650, 950] });
  assert.deepEqual(window.read(1000), { used: 2, agesMs: [100, 700] });
  assert.deepEqual(window.read(950), { used: 3, agesMs: [50, 650, 950] });
  assert.deepEqual(window.read(1900), { used: 0, agesMs: [] });
  // A thread that has read its clock a little later than the reader.
  assert.deepEqual(window.read(899), { used: 3, agesMs: [0, 599, 899] });
});

test("what a window holds is what is not left in it [random runs, 1 to 300]", () => {
  const property = fc.property(runsOf(1, 300, 200), ({ shape, gaps, startMs }) => {
    const window = new Window(shape);
    let nowMs = startMs;
    for (const gap of gaps) {
      nowMs += gap;
      const { remaining } = window.admit(nowMs);
      const { used, agesMs } = window.read(nowMs);
      assert.equal(used, shape.count - remaining);
      assert.ok(agesMs.every((ageMs, index) => ageMs >= (agesMs[index - 1] ?? 0)));
      assert.ok(agesMs.every((ageMs) => ageMs < shape.windowMs));
    }
  });
  fc.assert(property, { numRuns: 60 });
});

test("who asks for the wait first learns what asking would have told [random runs, 1 to 300]", () => {
  const property = fc.property(runsOf(1, 300, 200), ({ shape, gaps, startMs }) => {
    const window = new Window(shape);
    let nowMs = startMs;
    for (const gap of gaps) {
      nowMs += gap;
      const expectedMs = window.wait(nowMs);
      const { kind, waitMs } = window.admit(nowMs);
      const admitted = kind === "admitted";
      assert.equal(expectedMs, admitted ? 0 : waitMs);
    }
  });
  fc.assert(property, { numRuns: 60 });
});
