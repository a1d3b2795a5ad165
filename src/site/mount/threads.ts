// The mount threads of one server thread: a few for each mount that may keep its caller waiting. A call
// that is not answered in time fails, and its thread gets no other call until it comes back. So a mount
// that hangs costs its own files, and a bounded number of threads. site/site.ts asks.

import type { Clock } from "../../base/clock.ts";
import { startThread, type Thread } from "../../base/threads.ts";
import type { Reply } from "../../http/reply.ts";
import type { RequestHead } from "../../http/request.ts";
import { type ByteSource, SourceChangedError, SourceUnavailableError } from "../../http/source.ts";
import { type Answer, errorAnswer, RETRY_SOON } from "../answer.ts";
import type { IgnoredSibling } from "../file/siblings.ts";
import type { SiteTask } from "../thread-site.ts";
import type {
  FromMountThread,
  MountThreadAnswer,
  MovedAnswer,
  MovedBody,
  ToMountThread,
} from "./mount-thread.ts";
import type { SlowMount } from "./table.ts";

/** Mounts that a server thread keeps threads for; requests for more of them get 503. */
const MOUNTS_MAX = 8;
/** At least so many threads for each mount, so that one slow file does not hold up the next. */
const THREADS_PER_MOUNT_MIN = 2;
/** Threads of the whole process for each mount, while it has few server threads. */
const THREADS_PER_MOUNT = 4;
/** Calls that wait for one thread. Further ones are asked to come again. */
const CALLS_MAX = 64;
/** A call that takes longer counts as hanging: a disk that answers at all does so sooner. */
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

  /** Undefined when all threads are stuck, or have as many calls as they may. */
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

/** A head that can be copied to another thread, whatever the engine has made it of. */
function plainHead(head: RequestHead): RequestHead {
  const { method, rawTarget, target, fields, protocol } = head;
  return { method, rawTarget, target, fields: new Map(fields), protocol };
}

// One mount thread (mount-thread.ts) is asked, and calls that it does not answer in time fail. A thread that
// hangs in a system call cannot be ended, only left alone until it comes back.

interface MountCallerOptions {
  readonly task: SiteTask;
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
class MountCaller {
  readonly #thread: Thread<ToMountThread>;
  readonly #options: MountCallerOptions;
  readonly #calls = new Map<number, Call>();
  #lastCallId = 0;
  /** When the oldest call that was given up began, until the thread answers again. */
  #stuckSinceMs: number | undefined;

  constructor(options: MountCallerOptions, onEnd: () => void) {
    this.#options = options;
    this.#thread = startThread<SiteTask, ToMountThread, FromMountThread>({
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

  /** How long it has owed an answer; 0 while it has nothing to do. */
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

// The server thread sends the answer that a mount thread has made. The parts of its body that have not come
// along are asked for meanwhile.

function bringBack(thread: MountCaller, moved: MovedAnswer): Answer {
  if (moved.kind === "error" || moved.kind === "redirect") return moved;
  const { reply, body, ...facts } = moved;
  return { ...facts, reply: { ...reply, body: bringBodyBack(thread, body) } };
}

function bringBodyBack(thread: MountCaller, body: MovedBody): Reply["body"] {
  switch (body.kind) {
    case "none":
      return body;
    case "bytes": {
      const { buffer, byteOffset, byteLength } = body.bytes;
      return { kind: "bytes", bytes: Buffer.from(buffer, byteOffset, byteLength) };
    }
    case "source": {
      const { bodyId, offsetBytes, lengthBytes } = body;
      const source = new RemoteSource(thread, bodyId);
      return { kind: "source", source, offsetBytes, lengthBytes };
    }
    case "parts": {
      const { bodyId } = body;
      const close = () => thread.closeBody(bodyId);
      return { kind: "parts", parts: remoteParts(thread, bodyId), close };
    }
  }
}

/** A file that a mount thread reads. */
class RemoteSource implements ByteSource {
  readonly #thread: MountCaller;
  readonly #bodyId: number;

  constructor(thread: MountCaller, bodyId: number) {
    this.#thread = thread;
    this.#bodyId = bodyId;
  }

  async read(into: Buffer, position: number): Promise<number> {
    const message = await this.#thread.call((callId) => {
      return { kind: "read", callId, bodyId: this.#bodyId, position, bytesMax: into.length };
    });
    if (message.kind !== "bytes") throw new Error(`bytes were asked for: ${message.kind}`);
    into.set(message.bytes);
    return message.bytes.length;
  }

  async isUnchanged(): Promise<boolean> {
    const message = await this.#thread.call((callId) => {
      return { kind: "is-unchanged", callId, bodyId: this.#bodyId };
    });
    return message.kind === "unchanged" && message.isUnchanged;
  }

  close(): void {
    this.#thread.closeBody(this.#bodyId);
  }
}

async function* remoteParts(thread: MountCaller, bodyId: number) {
  for (;;) {
    const message = await thread.call((callId) => ({ kind: "next-part", callId, bodyId }));
    if (message.kind !== "part" || message.part === undefined) return;
    yield typeof message.part === "string" ? message.part : Buffer.from(message.part.buffer);
  }
}
