// The mount threads of one server thread: a few for each mount that may keep its caller waiting. A call
// that is not answered in time fails, and the thread that it hangs in gets no other until it comes
// back; so a mount that hangs costs its own files, and a bounded number of threads. Asked by
// folder-answer.ts.

import type { SlowMount } from "../files/mount-table.ts";
import { SourceUnavailableError } from "../http/reply.ts";
import type { RequestHead } from "../http/request.ts";
import { type Answer, errorAnswer, RETRY_SOON } from "./answer.ts";
import { MountCaller, type MountCallerOptions } from "./mount-caller.ts";
import { bringBack } from "./remote-answer.ts";

/** Mounts that a server thread keeps threads for; requests for more of them get 503. */
const MOUNTS_MAX = 8;
/** At least so many threads for each mount, so that one slow file does not hold up the next. */
const THREADS_PER_MOUNT_MIN = 2;
/** Threads of the whole process for each mount, while it has few server threads. */
const THREADS_PER_MOUNT = 4;
/** Calls that wait for one thread: more are told to come again. */
const CALLS_MAX = 64;
/** A call that takes so long is noticed: a disk that answers at all does so sooner. */
const HANGING_MS = 2500;

export class MountThreads {
  readonly #options: MountCallerOptions;
  readonly #threadsMax: number;
  readonly #threadsByMount = new Map<string, MountCaller[]>();

  constructor(options: MountCallerOptions) {
    this.#options = options;
    this.#threadsMax = Math.max(
      THREADS_PER_MOUNT_MIN,
      Math.ceil(THREADS_PER_MOUNT / options.task.config.workers),
    );
  }

  /** The mounts that have not answered for some seconds. */
  hanging(nowMs: number): string[] {
    return [...this.#threadsByMount].flatMap(([mountPoint, threads]) =>
      threads.some((thread) => thread.silentMs(nowMs) > HANGING_MS) ? [mountPoint] : [],
    );
  }

  /** The answer to a request for something in a slow mount; 503 when the mount does not answer. */
  async answer({ mountPoint }: SlowMount, head: RequestHead): Promise<Answer> {
    const thread = this.#chooseThread(mountPoint);
    if (thread === undefined) return UNAVAILABLE;
    try {
      const message = await thread.call((callId, untilMs) => {
        return { kind: "answer", callId, head: plainHead(head), untilMs };
      });
      if (message.kind !== "answer") throw new Error(`an answer was asked for: ${message.kind}`);
      return bringBack(thread, message.answer);
    } catch (error) {
      if (error instanceof SourceUnavailableError) return UNAVAILABLE;
      throw error;
    }
  }

  /** undefined when all are stuck, or have as much to do as may be. */
  #chooseThread(mountPoint: string): MountCaller | undefined {
    const threads = this.#threadsByMount.get(mountPoint) ?? [];
    if (threads.length === 0 && this.#threadsByMount.size >= MOUNTS_MAX) return undefined;
    this.#threadsByMount.set(mountPoint, threads);
    const [idlest] = threads
      .filter((thread) => !thread.isStuck)
      .sort((a, b) => a.callCount - b.callCount);
    if (idlest?.callCount === 0) return idlest;
    if (threads.length < this.#threadsMax) {
      const thread: MountCaller = new MountCaller(this.#options, () => {
        threads.splice(threads.indexOf(thread), 1);
        if (threads.length === 0) this.#threadsByMount.delete(mountPoint);
      });
      threads.push(thread);
      return thread;
    }
    return idlest !== undefined && idlest.callCount < CALLS_MAX ? idlest : undefined;
  }
}

const UNAVAILABLE: Answer = errorAnswer(503, {
  explanation: "The disk that holds this does not answer at the moment.",
  fields: RETRY_SOON,
});

/** A head that can be copied to another thread, whatever the engine makes it of. */
function plainHead(head: RequestHead): RequestHead {
  const { method, minorVersion, rawTarget, target, fields, keepAlive } = head;
  return { method, minorVersion, rawTarget, target, fields: new Map(fields), keepAlive };
}
