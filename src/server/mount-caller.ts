// Asks one mount thread (mount-thread.ts), and fails what it does not answer in time. A thread that
// hangs in a call of the system cannot be ended, only left alone until it comes back.

import type { Clock } from "../base/clock.ts";
import { startThread, type Thread } from "../base/threads.ts";
import type { IgnoredSibling } from "../files/siblings.ts";
import { SourceChangedError, SourceUnavailableError } from "../http/reply.ts";
import type {
  FromMountThread,
  MountThreadAnswer,
  MovedAnswer,
  ToMountThread,
} from "./mount-message.ts";
import type { ThreadTask } from "./thread-message.ts";

export interface MountCallerOptions {
  readonly task: ThreadTask;
  /** How long a call may take. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly onIgnoredSibling: (ignored: IgnoredSibling) => void;
}

interface Call {
  readonly startedMs: number;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (message: MountThreadAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** One mount thread, and the calls that it has not answered. */
export class MountCaller {
  readonly #thread: Thread<ToMountThread>;
  readonly #options: MountCallerOptions;
  readonly #calls = new Map<number, Call>();
  #lastCallId = 0;
  /** When the oldest call that was given up began, until the thread answers again. */
  #stuckSinceMs: number | undefined;

  constructor(options: MountCallerOptions, onEnd: () => void) {
    this.#options = options;
    this.#thread = startThread<ThreadTask, ToMountThread, FromMountThread>({
      source: new URL("./mount-thread.ts", import.meta.url),
      name: `weir mount ${options.task.threadIndex}`,
      data: options.task,
      onMessage: (message) => {
        if (message.kind === "ignored-sibling") options.onIgnoredSibling(message.ignored);
        else this.#take(message);
      },
      onEnd: (reason) => {
        onEnd();
        for (const { timer, reject } of this.#calls.values()) {
          clearTimeout(timer);
          reject(new SourceUnavailableError(`a mount thread ended: ${reason.message}`));
        }
        this.#calls.clear();
      },
    });
    // A server that stops does not wait for a disk that hangs.
    this.#thread.unref();
  }

  get callCount(): number {
    return this.#calls.size;
  }

  /** How long it has not answered what it was asked; 0 while it has nothing to do. */
  silentMs(nowMs: number): number {
    const [oldest] = this.#calls.values();
    const sinceMs = this.#stuckSinceMs ?? oldest?.startedMs;
    return sinceMs === undefined ? 0 : nowMs - sinceMs;
  }

  get isStuck(): boolean {
    return this.#stuckSinceMs !== undefined;
  }

  /** @throws SourceUnavailableError when it does not answer in time */
  call(make: (callId: number, untilMs: number) => ToMountThread): Promise<MountThreadAnswer> {
    const { clock, timeoutMs } = this.#options;
    const callId = ++this.#lastCallId;
    const startedMs = clock.monotonicMs();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#calls.delete(callId);
        this.#stuckSinceMs ??= startedMs;
        reject(new SourceUnavailableError("the disk does not answer"));
      }, timeoutMs);
      this.#calls.set(callId, { startedMs, timer, resolve, reject });
      this.#thread.tell(make(callId, startedMs + timeoutMs));
    });
  }

  closeBody(bodyId: number): void {
    this.#thread.tell({ kind: "close", bodyId });
  }

  #take(message: MountThreadAnswer): void {
    this.#stuckSinceMs = undefined;
    const call = this.#calls.get(message.callId);
    if (call === undefined) {
      if (message.kind === "answer") this.#drop(message.answer);
      return;
    }
    this.#calls.delete(message.callId);
    clearTimeout(call.timer);
    if (message.kind === "failed") {
      call.reject(message.hasChanged ? new SourceChangedError() : new Error(message.message));
    } else call.resolve(message);
  }

  /** An answer that came too late. */
  #drop(answer: MovedAnswer): void {
    if (!("body" in answer)) return;
    const { body } = answer;
    if (body.kind === "source" || body.kind === "parts") this.closeBody(body.bodyId);
  }
}
