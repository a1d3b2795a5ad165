// The server threads as a group: starts them, replaces one that dies, hands connections over where the
// system cannot spread them, and drains them all. Runs on the main thread.

import { createServer, type Server, type Socket } from "node:net";
import { Worker } from "node:worker_threads";
import { threadFile } from "../base/thread-file.ts";
import type { ClientGain } from "../metrics/client-tally.ts";
import type { HandOver } from "./site-listeners.ts";
import type { FromThread, ThreadTask, ToThread } from "./thread-message.ts";

export interface ThreadPoolOptions {
  readonly threadCount: number;
  /** What thread number `threadIndex` (1 and up) is started with. */
  readonly taskOf: (threadIndex: number) => ThreadTask;
  readonly onLog: (lines: string, droppedLines: number) => void;
  /** What clients have asked for since a thread last said so; only where metrics are on. */
  readonly onClients: (gains: readonly ClientGain[]) => void;
  /** How a thread finds the store that servers share: called at its start and after each change. */
  readonly onStore: (threadIndex: number, isUp: boolean, reason: string) => void;
  /** The mounts that do not answer a thread, whenever that changes. */
  readonly onHangingMounts: (threadIndex: number, mountPoints: readonly string[]) => void;
  /** Answers that their clients do not read have filled their memory; once from each thread. */
  readonly onSendMemoryFull: () => void;
  /** Called when a thread has died, before its successor starts. */
  readonly onDeath: (threadIndex: number, reason: string) => void;
}

/** A thread that dies before it is ready is tried again this much later, not at once for ever. */
const RETRY_DELAY_MS = 500;
/** As many as Linux allows, so that a socket that systemd has opened keeps its queue. */
const BACKLOG = 4096;
/** Turns of the event loop that found no connection: the first may have begun before the kernel was asked. */
const QUIET_TURNS = 3;
/** A thread looks at its messages many times in this long, unless something holds it up. */
const FLUSH_MS_MAX = 1000;

interface ServerThread {
  readonly worker: Worker;
  isReady: boolean;
  isDrained: boolean;
}

/** A listener of the main thread. */
interface Acceptor {
  readonly server: Server;
  readonly queueOutlives: boolean;
}

export class ThreadPool {
  private readonly options: ThreadPoolOptions;
  private readonly threads = new Map<number, ServerThread>();
  private readonly retryTimers = new Set<NodeJS.Timeout>();
  private readonly acceptors: Acceptor[] = [];
  /** Connections that came before the first thread was ready. */
  private readonly waiting: Socket[] = [];
  private acceptedCount = 0;
  private nextToServe = 0;
  private hasStarted = false;
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
    this.hasStarted = true;
  }

  /**
   * Listens on the main thread and hands each connection to the threads in turn; those that come
   * before a thread is ready wait. Called before `start`: a Unix socket that is there and does not
   * listen would be taken for one that a dead server has left.
   */
  acceptHere({ keeper, queueOutlives }: HandOver): Promise<void> {
    // The other options are those of server-thread.ts; a socket keeps them when it is handed over.
    const options = { pauseOnConnect: true, allowHalfOpen: true, noDelay: true };
    const server = createServer(options, (socket) => {
      this.acceptedCount++;
      this.handOver(socket);
    });
    this.acceptors.push({ server, queueOutlives });
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      // A server takes the socket over, of whatever class it is; the types know none of them.
      server.listen(keeper, BACKLOG, resolve);
    });
  }

  /** No more connections; resolves when every answer in progress has left. */
  async drain(): Promise<void> {
    this.forgetRetries();
    for (const { server, queueOutlives } of this.acceptors) {
      if (queueOutlives) server.close();
    }
    await this.acceptTheRest();
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
    this.closeAcceptors();
    for (const socket of this.waiting.splice(0)) socket.destroy();
    await Promise.all(Array.from(this.threads.values(), ({ worker }) => worker.terminate()));
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
    const worker = new Worker(threadFile("server-thread", import.meta.url), {
      workerData: this.options.taskOf(threadIndex),
    });
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
        for (const socket of this.waiting.splice(0)) this.handOver(socket);
        break;
      case "log":
        options.onLog(message.lines, message.droppedLines);
        tell(thread.worker, { kind: "log-taken" });
        break;
      case "clients":
        options.onClients(message.gains);
        break;
      case "store":
        options.onStore(threadIndex, message.isUp, message.reason);
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
    if (this.waiting.length < BACKLOG && !this.hasStarted) this.waiting.push(socket);
    else socket.destroy();
  }

  /** What the kernel has completed and we have not accepted would be reset by the close. */
  private async acceptTheRest(): Promise<void> {
    let quietTurns = 0;
    for (let turns = 0; turns < BACKLOG && quietTurns < QUIET_TURNS; turns++) {
      if (!this.acceptors.some(({ server }) => server.listening)) return;
      const before = this.acceptedCount;
      await new Promise((resolve) => setImmediate(resolve));
      quietTurns = this.acceptedCount === before ? quietTurns + 1 : 0;
    }
    this.closeAcceptors();
  }

  private closeAcceptors(): void {
    for (const { server } of this.acceptors) {
      if (server.listening) server.close();
    }
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
