// The server threads as a group: starts them, replaces one that dies, hands connections over where the
// system cannot spread them, and drains them all. Runs on the main thread.

import { createServer, type Server, type Socket } from "node:net";
import { Worker } from "node:worker_threads";
import type { ClientGain } from "../metrics/client-tally.ts";
import type { TakenPort } from "./listen-address.ts";
import type { FromThread, ThreadTask, TimedPath, ToThread } from "./thread-message.ts";

export interface ThreadPoolOptions {
  readonly threadCount: number;
  /** What thread number `threadIndex` (1 and up) is started with. */
  readonly taskOf: (threadIndex: number) => ThreadTask;
  readonly onLog: (lines: string, droppedLines: number) => void;
  /** What clients have asked for since a thread last said so; only where metrics are on. */
  readonly onClients: (gains: readonly ClientGain[]) => void;
  /** How a thread finds the store that servers share: called at its start and after each change. */
  readonly onStore: (threadIndex: number, isUp: boolean, reason: string) => void;
  /** Called once for each thread at most. */
  readonly onIgnoredSibling: (sibling: TimedPath, file: TimedPath) => void;
  /** Called when a thread has died, before its successor starts. */
  readonly onDeath: (threadIndex: number, reason: string) => void;
}

/** A thread that dies before it is ready is tried again this much later, not at once for ever. */
const RETRY_DELAY_MS = 500;
/** As many as Linux allows, so that a socket that systemd has opened keeps its queue. */
const BACKLOG = 4096;
/** A thread looks at its messages many times in this long, unless something holds it up. */
const FLUSH_MS_MAX = 1000;

interface ServerThread {
  readonly worker: Worker;
  isReady: boolean;
  isDrained: boolean;
}

export class ThreadPool {
  private readonly options: ThreadPoolOptions;
  private readonly threads = new Map<number, ServerThread>();
  private readonly retryTimers = new Set<NodeJS.Timeout>();
  private acceptor: Server | undefined;
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

  /** Listens on the main thread and hands each connection to the threads in turn. */
  acceptHere(keeper: TakenPort["keeper"]): Promise<void> {
    // The other options are those of server-thread.ts; a socket keeps them when it is handed over.
    const options = { pauseOnConnect: true, allowHalfOpen: true, noDelay: true };
    const acceptor = createServer(options, (socket) => this.handOver(socket));
    this.acceptor = acceptor;
    return new Promise((resolve, reject) => {
      acceptor.once("error", reject);
      // A server takes the socket over, whichever of the two it is; the types know neither.
      acceptor.listen(keeper as object, BACKLOG, resolve);
    });
  }

  /** No more connections; resolves when every answer in progress has left. */
  drain(): Promise<void> {
    this.acceptor?.close();
    this.forgetRetries();
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

  /** Ends every thread at once. */
  async terminate(): Promise<void> {
    this.onAllDrained = () => {};
    this.forgetRetries();
    await Promise.all(Array.from(this.threads.values(), ({ worker }) => worker.terminate()));
  }

  /** Threads that accept connections. */
  get readyCount(): number {
    return Array.from(this.threads.values()).filter(({ isReady }) => isReady).length;
  }

  /** The worker of a thread, for tests that kill one. */
  workerOf(threadIndex: number): Worker | undefined {
    return this.threads.get(threadIndex)?.worker;
  }

  private startThread(threadIndex: number): Promise<void> {
    const worker = new Worker(threadFile(), { workerData: this.options.taskOf(threadIndex) });
    const thread: ServerThread = { worker, isReady: false, isDrained: false };
    this.threads.set(threadIndex, thread);
    return new Promise((resolve, reject) => {
      let reason = "it ended by itself";
      worker.on("error", (error) => {
        reason = error instanceof Error ? error.message : String(error);
        reject(error);
      });
      worker.on("message", (message: FromThread) => {
        if (message.kind === "log") {
          this.options.onLog(message.lines, message.droppedLines);
          tell(worker, { kind: "log-taken" });
        } else if (message.kind === "clients") this.options.onClients(message.gains);
        else if (message.kind === "store") {
          this.options.onStore(threadIndex, message.isUp, message.reason);
        } else if (message.kind === "ignored-sibling") {
          this.options.onIgnoredSibling(message.sibling, message.file);
        } else if (message.kind === "drained") thread.isDrained = true;
        else if (message.kind === "ready") thread.isReady = true;
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

/** The thread's file: a source in a checkout, compiled in the package. */
function threadFile(): URL {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`./server-thread.${extension}`, import.meta.url);
}
