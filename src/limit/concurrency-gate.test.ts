import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { forEachCrashPoint } from "../../test/fixtures/crash-point.ts";
import {
  CONTROL_TICKETS_DRAWN,
  CONTROL_TICKETS_SKIPPED,
  createSharedMemory,
  grantedWord,
  leftWord,
  type SharedMemory,
  THREADS_MAX,
} from "../shared-memory/memory-layout.ts";
import { ConcurrencyGate } from "./concurrency-gate.ts";

const WAIT_MS_MAX = 60_000;

function newMemory(): SharedMemory {
  return createSharedMemory({ hashSecret: new Uint8Array(32), cellCount: 0, hitFilesMax: 8 });
}

/** Turns of the event loop until it is so; the time only bounds the wait for what never comes. */
async function until(isSo: () => boolean, what: string): Promise<void> {
  const deadlineMs = performance.now() + WAIT_MS_MAX;
  while (!isSo()) {
    assert.ok(performance.now() < deadlineMs, `it never came to this: ${what}`);
    await nextTurn();
  }
}

/** Enough turns for every wake-up that is on its way. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await nextTurn();
}

/** How many may enter at once, with nobody else leaving. */
function countFree(memory: SharedMemory, concurrency: number): number {
  const gate = new ConcurrencyGate(memory, concurrency, THREADS_MAX);
  let free = 0;
  while (gate.enter() === undefined) free++;
  return free;
}

test("N enter at once, without a promise; the next waits until one leaves [N = 3]", async () => {
  const gate = new ConcurrencyGate(newMemory(), 3, 1);
  assert.deepEqual([gate.enter(), gate.enter(), gate.enter()], [undefined, undefined, undefined]);
  let hasEntered = false;
  const entering = gate.enter()?.then(() => {
    hasEntered = true;
  });
  await settle();
  assert.equal(hasEntered, false);
  gate.leave();
  await entering;
  assert.equal(hasEntered, true);
});

test("requests of three threads start in the order in which they came [N = 1, 30 requests]", async () => {
  const memory = newMemory();
  const gates = [1, 2, 3].map((index) => new ConcurrencyGate(memory, 1, index));
  const started: number[] = [];
  const order = Array.from({ length: 30 }, (_, request) => request);
  // Neither one after the other nor in blocks: 0 1 2 2 1 0 0 0 1 …
  const gateOf = (request: number) =>
    gates[(request * request * 7 + (request >> 2)) % 3] ?? gates[0];
  for (const request of order) {
    const entering = gateOf(request)?.enter();
    if (entering === undefined) started.push(request);
    else void entering.then(() => started.push(request));
  }
  for (const request of order) {
    await until(() => started.length === request + 1, `request ${request} has started`);
    await settle();
    assert.deepEqual(started, order.slice(0, request + 1));
    gateOf(request)?.leave();
  }
});

test("a thread's later request does not overtake its own earlier one", async () => {
  const memory = newMemory();
  const [first, second] = [new ConcurrencyGate(memory, 1, 1), new ConcurrencyGate(memory, 1, 2)];
  first.enter();
  const started: string[] = [];
  void second.enter()?.then(() => started.push("earlier"));
  first.leave();
  // The earlier one is granted and not told yet.
  void second.enter()?.then(() => started.push("later"));
  await until(() => started.length === 1, "one has started");
  assert.deepEqual(started, ["earlier"]);
  second.leave();
  await until(() => started.length === 2, "both have started");
});

test("the highest thread index has its own words [256 threads, N = 2]", () => {
  const memory = newMemory();
  const gate = new ConcurrencyGate(memory, 2, THREADS_MAX);
  for (let round = 0; round < 3; round++) {
    assert.deepEqual([gate.enter(), gate.enter()], [undefined, undefined]);
    gate.leave();
    gate.leave();
  }
  gate.enter();
  new ConcurrencyGate(memory, 2, 0).abandonAllOf(THREADS_MAX);
  assert.equal(countFree(memory, 2), 2);
});

for (const start of [2 ** 31 - 3, -3, 2 ** 20 - 3]) {
  test(`counters wrap without anybody noticing [N = 2, from ${start}]`, async () => {
    const memory = newMemory();
    const control = new Int32Array(memory.control);
    for (const index of [1, 2]) {
      control[grantedWord(index)] = start;
      control[leftWord(index)] = start;
    }
    control[CONTROL_TICKETS_SKIPPED] = start;
    control[CONTROL_TICKETS_DRAWN] = 3 * start;
    const gates = [new ConcurrencyGate(memory, 2, 1), new ConcurrencyGate(memory, 2, 2)] as const;
    const started: number[] = [];
    const enter = (request: number) => {
      const entering = gates[request & 1]?.enter();
      if (entering === undefined) started.push(request);
      else void entering.then(() => started.push(request));
    };
    for (let request = 0; request < 4; request++) enter(request);
    assert.deepEqual(started, [0, 1]);
    for (let request = 0; request < 20; request++) {
      gates[request & 1]?.leave();
      enter(request + 4);
      await until(() => started.length === request + 3, `${request + 3} have started`);
      assert.equal(started.at(-1), request + 2);
      // A dead thread's tickets are passed over on both sides of the wrap.
      const dead = new ConcurrencyGate(memory, 2, 3);
      void dead.enter();
      new ConcurrencyGate(memory, 2, 0).abandonAllOf(3);
    }
  });
}

test("what a dead thread held and waited for goes to the others, in order [N = 2]", async () => {
  const memory = newMemory();
  const dead = new ConcurrencyGate(memory, 2, 1);
  const other = new ConcurrencyGate(memory, 2, 2);
  const started: string[] = [];
  dead.enter();
  dead.enter();
  void other.enter()?.then(() => started.push("first"));
  void dead.enter();
  void other.enter()?.then(() => started.push("second"));
  void dead.enter();
  void other.enter()?.then(() => started.push("third"));
  new ConcurrencyGate(memory, 2, 0).abandonAllOf(1);
  await until(() => started.length === 2, "two have started");
  await settle();
  assert.deepEqual(started, ["first", "second"]);
  other.leave();
  await until(() => started.length === 3, "the third has started");
  other.leave();
  other.leave();
  assert.equal(countFree(memory, 2), 2);
});

const SCENES: readonly [
  name: string,
  before: (dying: ConcurrencyGate, other: ConcurrencyGate) => void,
][] = [
  ["nobody is inside", () => {}],
  [
    "it holds both places",
    (dying) => {
      dying.enter();
      dying.enter();
    },
  ],
  [
    "both hold one, and each waits for one more",
    (dying, other) => {
      dying.enter();
      other.enter();
      void other.enter();
      void dying.enter();
    },
  ],
  [
    "it holds both, and waits before the other",
    (dying, other) => {
      dying.enter();
      dying.enter();
      void dying.enter();
      void other.enter();
    },
  ],
];

for (const [name, before] of SCENES) {
  for (const act of ["enter", "leave"] as const) {
    if (act === "leave" && name === "nobody is inside") continue;
    test(`a thread dies at any point of ${act}, and no place is lost or won [${name}]`, async () => {
      const checks: (() => Promise<void>)[] = [];
      const pointCount = forEachCrashPoint(() => {
        const memory = newMemory();
        const other = new ConcurrencyGate(memory, 2, 2);
        const dying = new ConcurrencyGate(memory, 2, 1);
        let otherRunning = 0;
        const counting = {
          enter: () => {
            const entering = other.enter();
            if (entering === undefined) otherRunning++;
            else void entering.then(() => otherRunning++);
            return entering;
          },
        };
        before(dying, counting as ConcurrencyGate);
        const otherEntered = name.startsWith("both") ? 2 : name.endsWith("other") ? 1 : 0;
        return {
          act: () => dying[act](),
          check: (operationIndex) => {
            new ConcurrencyGate(memory, 2, 0).abandonAllOf(1);
            checks.push(async () => {
              const where = `dead before operation ${operationIndex}`;
              await until(() => otherRunning === otherEntered, `${where}: the other has entered`);
              assert.equal(countFree(memory, 2), 2 - otherEntered, where);
            });
          },
        };
      });
      assert.ok(pointCount >= 3, `${pointCount} points`);
      for (const check of checks) await check();
    });
  }
}
