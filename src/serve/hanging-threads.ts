// Watches from the main thread whether the server threads move, and whether the mounts that they serve
// answer. A thread that hangs in a call of the system cannot say so itself: so each thread counts its beats
// in shared memory, and one whose count has not changed for some seconds hangs. Made by running-server.ts.

import { beatsWord } from "../memory/memory-layout.ts";

export interface ThreadWatchOptions {
  readonly control: SharedArrayBuffer;
  /** The threads that should move: those that are ready, by index. */
  readonly readyThreads: () => readonly number[];
  /** Prints one line for the person who runs the server. */
  readonly warn: (line: string) => void;
}

/** A thread beats four times a second (server-thread.ts). */
const LOOK_INTERVAL_MS = 500;
/** Longer than any garbage collection, and shorter than the interval at which a load balancer asks. */
const HANGING_MS = 2500;

interface ThreadState {
  beats: number;
  /** Counted in looks: after a computer has slept, no thread looks as if it hung. */
  stillMs: number;
}

export class ThreadWatch {
  readonly #options: ThreadWatchOptions;
  readonly #words: Int32Array;
  readonly #states = new Map<number, ThreadState>();
  readonly #mountsByThread = new Map<number, readonly string[]>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: ThreadWatchOptions) {
    this.#options = options;
    this.#words = new Int32Array(options.control);
    this.#timer = setInterval(() => this.#look(), LOOK_INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** The threads that have not moved for some seconds, by index. */
  get hangingThreads(): readonly number[] {
    return [...this.#states].flatMap(([index, { stillMs }]) =>
      stillMs > HANGING_MS ? [index] : [],
    );
  }

  /** The mounts that do not answer, by their mount points. */
  get hangingMounts(): readonly string[] {
    return [...new Set([...this.#mountsByThread.values()].flat())];
  }

  /** How long a thread has not moved, in ms, in steps of half a second. */
  stillMs(threadIndex: number): number {
    return this.#states.get(threadIndex)?.stillMs ?? 0;
  }

  /** A thread has reported which mounts do not answer it. */
  mountsHang(threadIndex: number, mountPoints: readonly string[]): void {
    const before = this.hangingMounts;
    this.#mountsByThread.set(threadIndex, mountPoints);
    const after = this.hangingMounts;
    const { warn } = this.#options;
    for (const each of after.filter((mount) => !before.includes(mount))) {
      warn(`${JSON.stringify(each)} does not answer; requests for its files get 503 until it does`);
    }
    for (const each of before.filter((mount) => !after.includes(mount))) {
      warn(`${JSON.stringify(each)} answers again`);
    }
  }

  forgetThread(threadIndex: number): void {
    this.#states.delete(threadIndex);
    this.#mountsByThread.delete(threadIndex);
  }

  #look(): void {
    const ready = this.#options.readyThreads();
    for (const index of this.#states.keys()) if (!ready.includes(index)) this.forgetThread(index);
    for (const index of ready) this.#lookAt(index);
  }

  #lookAt(threadIndex: number): void {
    const beats = Atomics.load(this.#words, beatsWord(threadIndex));
    const state = this.#states.get(threadIndex);
    if (state === undefined || state.beats !== beats) {
      if (state !== undefined && state.stillMs > HANGING_MS) {
        this.#options.warn(`server thread ${threadIndex} moves again`);
      }
      this.#states.set(threadIndex, { beats, stillMs: 0 });
      return;
    }
    const wasHanging = state.stillMs > HANGING_MS;
    state.stillMs += LOOK_INTERVAL_MS;
    if (wasHanging || state.stillMs <= HANGING_MS) return;
    this.#options.warn(
      `server thread ${threadIndex} has not moved for ${state.stillMs / 1000} s: a disk does not answer, or the machine is overloaded`,
    );
  }
}
