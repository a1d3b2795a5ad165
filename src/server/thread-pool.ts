// The server threads as a group: starts them, replaces one that dies, hands connections over where the
// system cannot spread them, and drains them all. Runs on the main thread.

import type { Socket } from "node:net";
import { Worker } from "node:worker_threads";
import { settledWithin } from "../base/settled-within.ts";
import { threadFile } from "../base/thread-file.ts";
import type { IgnoredSibling } from "../files/siblings.ts";
import type { ClientGain } from "../metrics/client-tally.ts";
import type { Acceptor } from "./acceptor.ts";
import type { RefusedClient } from "./first-refusal.ts";
import type { FromThread, ThreadTask, ToThread } from "./thread-message.ts";
import { printForOperator } from "./warning.ts";

export interface ThreadPoolOptions {
  readonly threadCount: number;
  /** What thread number `threadIndex` (1 and up) is started with. */
  readonly taskOf: (threadIndex: number) => ThreadTask;
  readonly onLog: (lines: string, droppedLines: number) => void;
  /** What clients have asked for since a thread last said so; only where metrics are on. */
  readonly onClients: (gains: readonly ClientGain[]) => void;
  /** Of each thread the first request that the limit has refused. */
  readonly onRefused?: (refusal: RefusedClient) => void;
  /** How a thread finds the store that servers share: called at its start and after each change. */
  readonly onStore: (threadIndex: number, isUp: boolean, reason: string) => void;
  /** Called a few times for each thread at most. */
  readonly onIgnoredSibling: (ignored: IgnoredSibling) => void;
  /** The mounts that do not answer a thread, whenever that changes. */
  readonly onHangingMounts: (threadIndex: number, mountPoints: readonly string[]) => void;
  /** Answers that their clients do not read have filled their memory; once from each thread. */
  readonly onSendMemoryFull: () => void;
  /** Called when a thread has died, before its successor starts. */
  readonly onDeath: (threadIndex: number, reason: string) => void;
}

/** A thread that dies before it is ready is tried again this much later, not at once for ever. */
const RETRY_DELAY_MS = 500;
/** A thread looks at its messages many times in this long, unless something holds it up. */
const FLUSH_MS_MAX = 1000;
/** A thread that ends at all ends within this; one that waits for a disk that is gone never does. */
const END_MS_MAX = 500;

interface ServerThread {
  readonly worker: Worker;
  isReady: boolean;
  isDrained: boolean;
}

export class ThreadPool {
  private readonly options: ThreadPoolOptions;
  private readonly threads = new Map<number, ServerThread>();
  private readonly retryTimers = new Set<NodeJS.Timeout>();
  private readonly acceptors: Acceptor[] = [];
  private nextToServe = 0;
  private onAllDrained: (() => void) | undefined;

  constructor(options: ThreadPoolOptions) {
    this.options = options;
  }

  /** Resolves when every thread accepts connections; rejects when one fails to start. */
  async start(): Promise<void> {
    const ready: Promise<void>[] = [];
    for (let index = 1; index <= this.options.threadCount; index++)
      ready.push(this.startThread(index));
    await Promise.all(ready);
  }

  /** Hands each connection of the main thread's listener to the threads in turn. */
  async acceptHere(acceptor: Acceptor): Promise<void> {
    this.acceptors.push(acceptor);
    await acceptor.listen();
    acceptor.handTo((socket) => this.handOver(socket));
  }

  /** No more connections; resolves when every answer in progress has left. */
  async drain(): Promise<void> {
    this.forgetRetries();
    // A thread that was told to drain ends by itself: connections have to reach it before.
    await Promise.all(this.acceptors.map((acceptor) => acceptor.closeOnceQuiet()));
    return new Promise((resolve) => {
      this.onAllDrained = resolve;
      for (const { worker } of this.threads.values()) tell(worker, { kind: "drain" });
      this.checkDrained();
    });
  }

  /** Resolves when `onLog` has had every line of an answer that has left by now. */
  async flushLogs(): Promise<void> {
    await Promise.all(Array.from(this.threads.values(), ({ worker }) => flushLog(worker)));
  }

  /** Ends every thread at once. "stuck": one has not ended, as it hangs in the system. */
  async terminate(): Promise<"ended" | "stuck"> {
    this.onAllDrained = () => {};
    this.forgetRetries();
    for (const acceptor of this.acceptors) acceptor.close();
    const ends = Array.from(this.threads.values(), ({ worker }) => worker.terminate());
    return (await settledWithin(Promise.all(ends), END_MS_MAX)) ? "ended" : "stuck";
  }

  /** The threads that accept connections, by index. */
  get readyThreads(): readonly number[] {
    return [...this.threads].flatMap(([index, { isReady }]) => (isReady ? [index] : []));
  }

  /** The worker of a thread, for tests that kill one. */
  workerOf(threadIndex: number): Worker | undefined {
    return this.threads.get(threadIndex)?.worker;
  }

  private startThread(threadIndex: number): Promise<void> {
    // Left to itself, what a thread says would end the process where standard error fails.
    const worker = new Worker(threadFile("server-thread", import.meta.url), {
      workerData: this.options.taskOf(threadIndex),
      stdout: true,
      stderr: true,
    });
    for (const stream of [worker.stdout, worker.stderr]) {
      stream.setEncoding("utf8").on("data", printForOperator);
    }
    const thread: ServerThread = { worker, isReady: false, isDrained: false };
    this.threads.set(threadIndex, thread);
    return new Promise((resolve, reject) => {
      let reason = "it ended by itself";
      worker.on("error", (error) => {
        reason = error instanceof Error ? error.message : String(error);
        reject(error);
      });
      worker.on("message", (message: FromThread) => {
        this.take(threadIndex, thread, message);
        if (message.kind === "ready") resolve();
        this.checkDrained();
      });
      worker.on("exit", () => {
        this.threads.delete(threadIndex);
        // After an error this does nothing; a thread that just ends would be waited for for ever.
        reject(new Error(reason));
        if (this.onAllDrained === undefined) this.replace(threadIndex, thread, reason);
        this.checkDrained();
      });
    });
  }

  private take(threadIndex: number, thread: ServerThread, message: FromThread): void {
    const { options } = this;
    switch (message.kind) {
      case "ready":
        thread.isReady = true;
        break;
      case "log":
        options.onLog(message.lines, message.droppedLines);
        tell(thread.worker, { kind: "log-taken" });
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
        thread.isDrained = true;
        break;
      // Somebody waits for this one by itself (flushLog).
      case "log-flushed":
        break;
    }
  }

  private replace(threadIndex: number, dead: ServerThread, reason: string): void {
    this.options.onDeath(threadIndex, reason);
    const restart = () => {
      // A failure is seen again as the death of the successor.
      this.startThread(threadIndex).catch(() => {});
    };
    if (dead.isReady) {
      restart();
      return;
    }
    const timer = setTimeout(() => {
      this.retryTimers.delete(timer);
      restart();
    }, RETRY_DELAY_MS);
    this.retryTimers.add(timer);
  }

  private forgetRetries(): void {
    for (const timer of this.retryTimers) clearTimeout(timer);
    this.retryTimers.clear();
  }

  private handOver(socket: Socket): void {
    for (let tried = 0; tried < this.options.threadCount; tried++) {
      this.nextToServe = (this.nextToServe % this.options.threadCount) + 1;
      const thread = this.threads.get(this.nextToServe);
      if (thread?.isReady !== true) continue;
      const message: ToThread = { kind: "connection", socket };
      // A socket in the transfer list moves to the other thread (Node 26.10); the types do not know yet.
      thread.worker.postMessage(message, [socket as unknown as ArrayBuffer]);
      return;
    }
    socket.destroy();
  }

  private checkDrained(): void {
    const isDrained = Array.from(this.threads.values()).every((thread) => thread.isDrained);
    if (isDrained) this.onAllDrained?.();
  }
}

function tell(worker: Worker, message: ToThread): void {
  worker.postMessage(message);
}

/** A thread that does not answer in time is busy, or has not begun: its lines come later. */
function flushLog(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    const look = (message: FromThread) => {
      if (message.kind === "log-flushed") end();
    };
    const end = () => {
      clearTimeout(timer);
      worker.off("message", look);
      worker.off("exit", end);
      resolve();
    };
    const timer = setTimeout(end, FLUSH_MS_MAX);
    worker.on("message", look);
    worker.on("exit", end);
    tell(worker, { kind: "flush-log" });
  });
}
