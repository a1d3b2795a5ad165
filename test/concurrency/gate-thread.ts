// A thread of gate.test.ts. `hammer`: goes in and out of the gate without end. `queue`: enters when it
// is told to, writes down when it has started, and leaves at once or when it is told to.

import { setImmediate as nextTurn } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { ConcurrencyGate } from "../../src/limit/gate.ts";
import {
  FINISHED_BY_THREAD_WORD,
  type GateOrder,
  type GateThreadData,
  INSIDE_MAX_WORD,
  INSIDE_WORD,
  LOG_WORD,
  STARTED_WORD,
  STOP_WORD,
} from "./gate-notes.ts";

const LOOPS = 5;

const { memory, concurrency, threadIndex, role, notes } = workerData as GateThreadData;
const words = new Int32Array(notes);
const gate = new ConcurrencyGate(memory, concurrency, threadIndex);
const own = 1 << (8 * (threadIndex - 1));

function comeIn(): void {
  let fields = (Atomics.add(words, INSIDE_WORD, own) + own) >>> 0;
  let inside = 0;
  for (; fields !== 0; fields >>>= 8) inside += fields & 0xff;
  for (;;) {
    const seenMax = Atomics.load(words, INSIDE_MAX_WORD);
    if (inside <= seenMax) return;
    Atomics.compareExchange(words, INSIDE_MAX_WORD, seenMax, inside);
  }
}

async function hammer(loop: number): Promise<void> {
  for (let round = 0; Atomics.load(words, STOP_WORD) === 0; round++) {
    await gate.enter();
    comeIn();
    // Some are inside for a turn of the event loop, some for a moment.
    if ((round + loop) % 3 === 0) await nextTurn();
    Atomics.sub(words, INSIDE_WORD, own);
    gate.leave();
    Atomics.add(words, FINISHED_BY_THREAD_WORD + threadIndex, 1);
    if ((round + loop) % 5 === 0) await nextTurn();
  }
}

async function queue(order: GateOrder): Promise<void> {
  if (order.kind === "leave") {
    gate.leave();
    return;
  }
  const entering = gate.enter();
  parentPort?.postMessage("drawn");
  await entering;
  const started = Atomics.add(words, STARTED_WORD, 1);
  words[LOG_WORD + started] = order.request;
  if (order.leavesAtOnce) gate.leave();
}

if (role === "queue") {
  parentPort?.on("message", queue);
} else {
  const loops = Promise.all(Array.from({ length: LOOPS }, (_, loop) => hammer(loop)));
  // A sleep on shared memory does not keep a thread alive, as a server thread's listener does.
  const timer = setInterval(() => {}, 1000);
  void loops.then(() => {
    clearInterval(timer);
    parentPort?.postMessage("done");
  });
}
