// Long work in short slices, so that its thread answers other clients in between. The work is a generator: it
// yields the parts of a text as they come, PAUSE wherever it may be interrupted, and a promise where it
// waits for something. The server drives it, and `return()` ends it early: then its `finally` gives back
// what it holds.

import { setTimeout as wait } from "node:timers/promises";

/** No text: only a place where a slice may end. */
export const PAUSE = "";

/** A text, a pause, or a promise that never rejects and that the work waits for (see `settled`). */
export type WorkStep = string | Promise<void>;

/** Work that yields its steps, and ends with a result. */
export type SlicedWork<Result> = Generator<WorkStep, Result>;

/** The longest that other clients wait, if the work pauses several times in it. */
export const SLICE_MS = 5;
/** At 64 entries each about as long as a slice. */
const FIRST_STEPS = 24;
/** Work on the entries of a folder pauses after this many: a tenth of a slice or so. */
export const ENTRIES_PER_PAUSE = 64;
/** Work that waits is handed on as a pause this often: its reader may have left meanwhile. */
const WAIT_LOOK_MS = 250;

export interface FirstSlice {
  readonly text: string;
  /** Whether `text` is all there is. */
  readonly isAll: boolean;
  /** Settles when the work can go on. */
  readonly waitsFor?: Promise<void> | undefined;
}

/**
 * Begins the work: for FIRST_STEPS, until it has made `lengthMax` characters, or until it waits. It counts
 * steps and reads no clock, so the same small work always ends in it, however busy the machine is.
 * @throws what the work throws
 */
export function runFirstSlice(work: SlicedWork<void>, lengthMax: number): FirstSlice {
  let text = "";
  for (let steps = 0; steps < FIRST_STEPS && text.length < lengthMax; steps++) {
    const step = work.next();
    if (step.done === true) return { text, isAll: true };
    if (typeof step.value !== "string") return { text, isAll: false, waitsFor: step.value };
    text += step.value;
  }
  return { text, isAll: false };
}

/**
 * The turns of a thread's long work: one slice in each turn of the event loop, whosever it is. So a
 * request waits for one slice at most, however many large listings are under way.
 */
class WorkTurns {
  readonly #waiting: (() => void)[] = [];
  readonly #give = (): void => {
    this.#waiting.shift()?.();
    if (this.#waiting.length > 0) setImmediate(this.#give);
  };

  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) setImmediate(this.#give);
    });
  }
}

const workTurns = new WorkTurns();

/** Settles when the next slice of long work may begin. */
export function nextWorkTurn(): Promise<void> {
  return workTurns.next();
}

/**
 * The first slice, and everything that the work makes after it, in slices. The reader decides the pace. It
 * gets a PAUSE after each slice that made no text: if the client has left, that is the moment to end the
 * work.
 */
export async function* continueInSlices(
  first: FirstSlice,
  work: SlicedWork<void>,
  monotonicMs: () => number,
): AsyncGenerator<string> {
  try {
    yield first.text;
    if (first.waitsFor !== undefined) yield* pausesUntil(first.waitsFor);
    await workTurns.next();
    let endMs = monotonicMs() + SLICE_MS;
    for (const step of work) {
      const isWaiting = typeof step !== "string";
      const isOver = isWaiting || monotonicMs() >= endMs;
      if (isWaiting) yield* pausesUntil(step);
      else if (step !== PAUSE || isOver) yield step;
      if (!isOver) continue;
      await workTurns.next();
      endMs = monotonicMs() + SLICE_MS;
    }
  } finally {
    work.return();
  }
}

async function* pausesUntil(promise: Promise<void>): AsyncGenerator<string> {
  const done = promise.then(() => true);
  for (;;) {
    const look = new AbortController();
    const asleep = wait(WAIT_LOOK_MS, false, { signal: look.signal, ref: false }).catch(
      () => false,
    );
    const isDone = await Promise.race([done, asleep]);
    look.abort();
    if (isDone) return;
    yield PAUSE;
  }
}

/**
 * Waits for what may be a promise, as a step of sliced work.
 * @throws what the promise rejects with
 */
export function* settled<Value>(value: Value | Promise<Value>): SlicedWork<Value> {
  if (!(value instanceof Promise)) return value;
  let outcome: (() => Value) | undefined;
  yield value.then(
    (result) => {
      outcome = () => result;
    },
    (error: unknown) => {
      outcome = () => {
        throw error;
      };
    },
  );
  if (outcome === undefined) throw new Error("work goes on when what it waits for is settled");
  return outcome();
}

/** Runs work to its end at once, pauses and all: for what is known to be short and to wait for nothing. */
export function runWhole<Result>(work: SlicedWork<Result>): { text: string; result: Result } {
  let text = "";
  for (;;) {
    const step = work.next();
    if (step.done === true) return { text, result: step.value };
    if (typeof step.value !== "string") throw new Error("this work waits for something");
    text += step.value;
  }
}

/**
 * The one place of a thread for work on large folders: reading, choosing and sorting take memory by the
 * size of the folder, so one listing at a time does that, and the others wait in order. Small work needs
 * no place: it is over before another listing has a turn.
 */
export class WorkPlace {
  #isTaken = false;
  readonly #waiting: (() => void)[] = [];

  /**
   * Does the work here, once it has shown to be long. Where it would have to wait for that, it is begun
   * again afterwards: everything that waits would hold memory meanwhile, and the one before may have
   * read the same folder.
   * @param begin makes the work
   */
  *run<Result>(begin: () => SlicedWork<Result>): SlicedWork<Result> {
    let work = begin();
    try {
      for (let steps = 0; steps < FIRST_STEPS; steps++) {
        const step = work.next();
        if (step.done === true) return step.value;
        yield step.value;
      }
      if (this.#isTaken) work.return(undefined as never);
      const hasWaited = this.#isTaken;
      yield* this.#enter();
      if (hasWaited) work = begin();
      return yield* this.#runInside(work);
    } finally {
      work.return(undefined as never);
    }
  }

  /** Work that waits for something, such as a disk that is far away, leaves the place meanwhile. */
  *#runInside<Result>(work: SlicedWork<Result>): SlicedWork<Result> {
    let isInside = true;
    try {
      for (;;) {
        const step = work.next();
        if (step.done === true) return step.value;
        if (typeof step.value === "string") {
          yield step.value;
          continue;
        }
        this.#leave();
        isInside = false;
        yield step.value;
        yield* this.#enter();
        isInside = true;
      }
    } finally {
      if (isInside) this.#leave();
    }
  }

  *#enter(): SlicedWork<void> {
    if (!this.#isTaken) {
      this.#isTaken = true;
      return;
    }
    let isInside = false;
    let isWaiting = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    const take = () => {
      isInside = true;
      resolve();
    };
    this.#waiting.push(take);
    try {
      yield promise;
      isWaiting = false;
    } finally {
      if (isWaiting) {
        const place = this.#waiting.indexOf(take);
        if (place >= 0) this.#waiting.splice(place, 1);
        // Given the place, and ended before it could use it.
        if (isInside) this.#leave();
      }
    }
  }

  /** Hands the place on to the work that has waited longest. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#isTaken = false;
    else next();
  }
}
