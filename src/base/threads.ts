// The only way to start a worker thread of any kind: server threads, mount threads, load threads and those of
// the counter race. It finds the thread's file in a checkout and in the published form, gives the thread
// its data and its name, and reports its end in one way, whatever ended it. A test checks that nothing else
// in src/ makes a Worker.

import { basename } from "node:path";
import { type ResourceLimits, type Transferable, Worker } from "node:worker_threads";

export interface ThreadOptions<Data, FromThread> {
  /** The thread's source: `new URL("./x-thread.ts", import.meta.url)`. */
  readonly source: URL;
  /** What `ps -T`, `top -H` and debuggers show: 15 characters at most on Linux. */
  readonly name: string;
  /** What the thread finds as its `workerData`, copied; shared memory stays shared. */
  readonly data: Data;
  readonly onMessage: (message: FromThread) => void;
  /**
   * Called exactly once, when the thread has ended or could not be started at all; never before
   * `startThread` has returned. The reason is what the thread threw, or what the system said, or else that
   * the thread ended by itself, which it also is after `terminate`.
   */
  readonly onEnd: (reason: Error) => void;
  /** What the thread writes to its standard output and error. Without it both go to the process's own. */
  readonly onOutput?: ((text: string) => void) | undefined;
  /** How much memory the thread may use: it ends with an error if it would use more. */
  readonly limits?: ResourceLimits | undefined;
}

/** A thread that was started. */
export interface Thread<ToThread> {
  /** Does nothing once the thread has ended. */
  tell(message: ToThread, moved?: readonly Transferable[]): void;
  /** Resolves when it has ended; never while it hangs in a call of the system. */
  terminate(): Promise<void>;
  /** The process may end without this thread. */
  unref(): void;
}

/** Never throws: a thread that cannot be started ends before its first message. */
export function startThread<Data, ToThread, FromThread>(
  options: ThreadOptions<Data, FromThread>,
): Thread<ToThread> {
  const { source, name, data, limits, onMessage, onEnd, onOutput } = options;
  const takesOutput = onOutput !== undefined;
  let worker: Worker;
  try {
    worker = new Worker(threadFile(source, import.meta.url), {
      name,
      workerData: data,
      stdout: takesOutput,
      stderr: takesOutput,
      ...(limits !== undefined && { resourceLimits: limits }),
    });
  } catch (error) {
    // The system has no room for another thread, or the data cannot be copied.
    queueMicrotask(() => onEnd(toError(error)));
    return { tell() {}, terminate: () => Promise.resolve(), unref() {} };
  }
  let reason = new Error("it ended by itself");
  worker.on("message", onMessage);
  worker.on("error", (error) => {
    reason = toError(error);
  });
  worker.on("messageerror", (error) => {
    reason = error;
    void worker.terminate();
  });
  // Comes after each error, and alone where a thread just ends.
  worker.on("exit", () => onEnd(reason));
  if (takesOutput) {
    for (const stream of [worker.stdout, worker.stderr]) {
      stream.setEncoding("utf8").on("data", onOutput);
    }
  }
  return {
    tell: (message, moved = []) => worker.postMessage(message, moved),
    terminate: async () => void (await worker.terminate()),
    unref: () => worker.unref(),
  };
}

/**
 * The file that is run: the source in a checkout; in the published form a bundle of the same name,
 * which lies beside all others, whatever folder its source was in (build.ts).
 * @param ownUrl of the code that starts the thread
 */
export function threadFile(source: URL, ownUrl: string): URL {
  if (ownUrl.endsWith(".ts")) return source;
  return new URL(basename(source.pathname).replace(/\.ts$/, ".js"), ownUrl);
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
