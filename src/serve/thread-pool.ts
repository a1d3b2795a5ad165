// The server threads as a group: starts them, replaces one that dies, gives them connections where the
// system cannot spread these, and drains them all. Runs on the main thread. (hanging-threads.ts finds the
// threads that hang.)

import type { Socket } from "node:net";
import { settledWithin } from "../base/clock.ts";
import { startThread, type Thread } from "../base/threads.ts";
import type { RefusedClient } from "../limit/first-refusal.ts";
import { printForOperator } from "../log/warning.ts";
import type { ClientGain } from "../metrics/client-tallies.ts";
import type { IgnoredSibling } from "../site/file/siblings.ts";
import type { Acceptor } from "./acceptor.ts";
import type { FromThread, ThreadTask, ToThread } from "./thread-task.ts";

export interface ThreadPoolOptions {
  readonly threadCount: number;
  /** What thread number `threadIndex` (1 and up) is started with. */
  readonly taskOf: (threadIndex: number) => ThreadTask;
  readonly onLog: (lines: string, droppedLines: number) => void;
  /** What clients have asked a thread for since its last report; only where metrics are on. */
  readonly onClients: (gains: readonly ClientGain[]) => void;
  /** Called for the first request of each thread that the limit has refused. */
  readonly onRefused?: (refusal: RefusedClient) => void;
  /** Whether a thread reaches the store that servers share: called at its start and after each change. */
  readonly onStore: (threadIndex: number, isUp: boolean, reason: string) => void;
  /** Called a few times for each thread at most. */
  readonly onIgnoredSibling: (ignored: IgnoredSibling) => void;
  /** The mounts that do not answer a thread; called each time that this changes. */
  readonly onHangingMounts: (threadIndex: number, mountPoints: readonly string[]) => void;
  /** Answers that their clients do not read have filled the memory for them; once from each thread. */
  readonly onSendMemoryFull: () => void;
  /** Called when a thread has died, before its successor starts. */
  readonly onDeath: (threadIndex: number, reason: string) => void;
}

/** A thread that dies before it is ready is started again after this wait, or it would loop. */
const RETRY_DELAY_MS = 500;
/** A thread reads its messages many times within this, unless something holds it up. */
const FLUSH_MS_MAX = 1000;
/** A thread ends within this, or, if it waits for a disk that is gone, never. */
const END_MS_MAX = 500;

interface ServerThread {
  readonly thread: Thread<ToThread>;
  isReady: boolean;
  isDrained: boolean;
  /** Called when the thread has sent its log lines ("log-flushed"), or has ended. */
  readonly flushWaiters: (() => void)[];
}

export class ThreadPool {
  readonly #options: ThreadPoolOptions;
  readonly #threads = new Map<number, ServerThread>();
  readonly #retryTimers = new Set<NodeJS.Timeout>();
  readonly #acceptors: Acceptor[] = [];
  #nextToServe = 0;
  #onAllDrained: (() => void) | undefined;

  constructor(options: ThreadPoolOptions) {
    this.#options = options;
  }

  /** Resolves when every thread accepts connections; rejects when one fails to start. */
  async start(): Promise<void> {
    const ready: Promise<void>[] = [];
    for (let index = 1; index <= this.#options.threadCount; index++)
      ready.push(this.#startThread(index));
    await Promise.all(ready);
  }

  /** Hands each connection of the main thread's listener to the threads in turn. */
  async acceptHere(acceptor: Acceptor): Promise<void> {
    this.#acceptors.push(acceptor);
    await acceptor.listen();
    acceptor.handTo((socket) => this.#handOver(socket));
  }

  /** Takes no more connections. Resolves when every answer in progress has been sent. */
  async drain(): Promise<void> {
    this.#forgetRetries();
    // A thread ends by itself after "drain": connections have to reach it before.
    await Promise.all(this.#acceptors.map((acceptor) => acceptor.closeOnceQuiet()));
    return new Promise((resolve) => {
      this.#onAllDrained = resolve;
      for (const { thread } of this.#threads.values()) thread.tell({ kind: "drain" });
      this.#checkDrained();
    });
  }

  /** Resolves when `onLog` has had the lines of all answers that have been sent by now. */
  async flushLogs(): Promise<void> {
    await Promise.all(Array.from(this.#threads.values(), flushLog));
  }

  /** Ends every thread at once. "stuck": a thread hangs in the system and has not ended. */
  async terminate(): Promise<"ended" | "stuck"> {
    this.#onAllDrained = () => {};
    this.#forgetRetries();
    for (const acceptor of this.#acceptors) acceptor.close();
    const ends = Array.from(this.#threads.values(), ({ thread }) => thread.terminate());
    return (await settledWithin(Promise.all(ends), END_MS_MAX)) ? "ended" : "stuck";
  }

  /** The threads that accept connections, by index. */
  get readyThreads(): readonly number[] {
    return [...this.#threads].flatMap(([index, { isReady }]) => (isReady ? [index] : []));
  }

  /** For tests that kill one. */
  threadOf(threadIndex: number): Pick<Thread<ToThread>, "terminate"> | undefined {
    return this.#threads.get(threadIndex)?.thread;
  }

  /** Resolves when the thread accepts connections; rejects when it ends before. */
  #startThread(threadIndex: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const thread = startThread<ThreadTask, ToThread, FromThread>({
      source: new URL("./server-thread.ts", import.meta.url),
      name: `weir server ${threadIndex}`,
      data: this.#options.taskOf(threadIndex),
      // Node would write it to standard error itself, and would end the process if that fails.
      onOutput: printForOperator,
      onMessage: (message) => {
        this.#take(threadIndex, entry, message);
        if (message.kind === "ready") resolve();
        this.#checkDrained();
      },
      onEnd: (reason) => {
        this.#threads.delete(threadIndex);
        for (const end of entry.flushWaiters) end();
        reject(reason);
        if (this.#onAllDrained === undefined) this.#replace(threadIndex, entry, reason.message);
        this.#checkDrained();
      },
    });
    const entry: ServerThread = { thread, isReady: false, isDrained: false, flushWaiters: [] };
    this.#threads.set(threadIndex, entry);
    return promise;
  }

  #take(threadIndex: number, entry: ServerThread, message: FromThread): void {
    const options = this.#options;
    switch (message.kind) {
      case "ready":
        entry.isReady = true;
        break;
      case "log":
        options.onLog(message.lines, message.droppedLines);
        entry.thread.tell({ kind: "log-taken" });
        break;
      case "clients":
        options.onClients(message.gains);
        break;
      case "refused":
        options.onRefused?.(message.refusal);
        break;
      case "store":
        options.onStore(threadIndex, message.isUp, message.reason);
        break;
      case "ignored-sibling":
        options.onIgnoredSibling(message.ignored);
        break;
      case "hanging-mounts":
        options.onHangingMounts(threadIndex, message.mountPoints);
        break;
      case "send-memory-full":
        options.onSendMemoryFull();
        break;
      case "drained":
        entry.isDrained = true;
        break;
      case "log-flushed":
        for (const end of entry.flushWaiters.splice(0)) end();
        break;
    }
  }

  #replace(threadIndex: number, dead: ServerThread, reason: string): void {
    this.#options.onDeath(threadIndex, reason);
    const restart = () => {
      // A failure shows as the death of the successor.
      this.#startThread(threadIndex).catch(() => {});
    };
    if (dead.isReady) {
      restart();
      return;
    }
    const timer = setTimeout(() => {
      this.#retryTimers.delete(timer);
      restart();
    }, RETRY_DELAY_MS);
    this.#retryTimers.add(timer);
  }

  #forgetRetries(): void {
    for (const timer of this.#retryTimers) clearTimeout(timer);
    this.#retryTimers.clear();
  }

  #handOver(socket: Socket): void {
    for (let tried = 0; tried < this.#options.threadCount; tried++) {
      this.#nextToServe = (this.#nextToServe % this.#options.threadCount) + 1;
      const entry = this.#threads.get(this.#nextToServe);
      if (entry?.isReady !== true) continue;
      // A socket in the transfer list moves to the other thread (Node 26.10); the types do not know yet.
      entry.thread.tell({ kind: "connection", socket }, [socket as unknown as ArrayBuffer]);
      return;
    }
    socket.destroy();
  }

  #checkDrained(): void {
    const isDrained = Array.from(this.#threads.values()).every((thread) => thread.isDrained);
    if (isDrained) this.#onAllDrained?.();
  }
}

/** A thread that does not answer in time is busy or has not started yet: its lines come later. */
async function flushLog({ thread, flushWaiters }: ServerThread): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  flushWaiters.push(resolve);
  thread.tell({ kind: "flush-log" });
  await settledWithin(promise, FLUSH_MS_MAX);
}
