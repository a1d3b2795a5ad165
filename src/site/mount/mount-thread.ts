// A mount thread answers requests for files of a mount that may keep its caller waiting, by the same code
// as a server thread. When the mount hangs, the thread hangs, and holds up only requests for that mount.
// threads.ts starts it and asks it, in the messages that stand first here.

import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../../base/clock.ts";
import { SharedHitCounter } from "../../hits/counter.ts";
import { type BodyPart, closeBody, type Reply, type ReplyBody } from "../../http/reply.ts";
import type { RequestHead } from "../../http/request.ts";
import { type ByteSource, SourceChangedError } from "../../http/source.ts";
import type { Content, ErrorAnswer, Redirect } from "../answer.ts";
import type { IgnoredSibling } from "../file/siblings.ts";
import { answerFromSite } from "../site.ts";
import { openThreadSite, type SiteTask } from "../thread-site.ts";

// The messages. Everything in them can be copied from one thread to the other. Bodies that are made while
// they are sent stay where they are, under a number.

/** A body, or the number under which its rest is asked for. */
export type MovedBody =
  | { readonly kind: "none" }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array<ArrayBuffer> }
  | {
      readonly kind: "source";
      readonly bodyId: number;
      readonly offsetBytes: number;
      readonly lengthBytes: number;
    }
  | { readonly kind: "parts"; readonly bodyId: number };

export interface MovedContent extends Omit<Content, "reply"> {
  readonly reply: Omit<Reply, "body">;
  readonly body: MovedBody;
}

export type MovedAnswer = MovedContent | Redirect | ErrorAnswer;

export type ToMountThread =
  | {
      readonly kind: "answer";
      readonly callId: number;
      readonly head: RequestHead;
      /** Monotonic ms after which no client waits for the answer, so it need not be made. */
      readonly untilMs: number;
    }
  | {
      readonly kind: "read";
      readonly callId: number;
      readonly bodyId: number;
      readonly position: number;
      readonly bytesMax: number;
    }
  | { readonly kind: "is-unchanged"; readonly callId: number; readonly bodyId: number }
  | { readonly kind: "next-part"; readonly callId: number; readonly bodyId: number }
  /** Once for each body that is a source or parts. */
  | { readonly kind: "close"; readonly bodyId: number };

export type FromMountThread = MountThreadAnswer | MountThreadReport;

/** What the thread says without being asked. */
export interface MountThreadReport {
  readonly kind: "ignored-sibling";
  readonly ignored: IgnoredSibling;
}

/** The answer to one call; `bytes` without any, and no `part`, mean the end. */
export type MountThreadAnswer =
  | { readonly kind: "answer"; readonly callId: number; readonly answer: MovedAnswer }
  | { readonly kind: "bytes"; readonly callId: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "unchanged"; readonly callId: number; readonly isUnchanged: boolean }
  | {
      readonly kind: "part";
      readonly callId: number;
      readonly part: string | Uint8Array<ArrayBuffer> | undefined;
    }
  | {
      readonly kind: "failed";
      readonly callId: number;
      readonly message: string;
      readonly hasChanged: boolean;
    };

type LivingBody =
  | { readonly kind: "source"; readonly source: ByteSource; readonly body: ReplyBody }
  | {
      readonly kind: "parts";
      readonly parts: Iterator<BodyPart> | AsyncIterator<BodyPart>;
      readonly body: ReplyBody;
    };

const task = workerData as SiteTask;
// It reads hits for listings and counts none: the server thread does that.
const site = await openThreadSite(task, new SharedHitCounter(task.memory, task.threadIndex), {
  mayWait: true,
  onIgnoredSibling: (ignored) => tell({ kind: "ignored-sibling", ignored }),
});
const bodies = new Map<number, LivingBody>();
let lastBodyId = 0;

function tell(message: FromMountThread, bytes?: Uint8Array<ArrayBuffer>): void {
  parentPort?.postMessage(message, bytes === undefined ? [] : [bytes.buffer]);
}

/** A copy that can be moved without the rest of its memory. */
function toMovable(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

function moveBody(body: ReplyBody): MovedBody {
  if (body.kind === "none") return body;
  if (body.kind === "bytes") return { kind: "bytes", bytes: toMovable(body.bytes) };
  const bodyId = ++lastBodyId;
  if (body.kind === "source") {
    const { source, offsetBytes, lengthBytes } = body;
    bodies.set(bodyId, { kind: "source", source, body });
    return { kind: "source", bodyId, offsetBytes, lengthBytes };
  }
  const { parts } = body;
  const iterator =
    Symbol.asyncIterator in parts ? parts[Symbol.asyncIterator]() : parts[Symbol.iterator]();
  bodies.set(bodyId, { kind: "parts", parts: iterator, body });
  return { kind: "parts", bodyId };
}

async function answer(call: Extract<ToMountThread, { kind: "answer" }>): Promise<void> {
  const { callId, head, untilMs } = call;
  // The call waited behind one that hung, and its client has been answered by now.
  if (systemClock.monotonicMs() > untilMs) throw new Error("too late");
  const answered = await answerFromSite(site, head);
  if (answered.kind === "error" || answered.kind === "redirect") {
    tell({ kind: "answer", callId, answer: answered });
    return;
  }
  const { reply, ...facts } = answered;
  const { body, ...rest } = reply;
  const moved = moveBody(body);
  const movedAnswer: MovedAnswer = { ...facts, reply: rest, body: moved };
  tell(
    { kind: "answer", callId, answer: movedAnswer },
    moved.kind === "bytes" ? moved.bytes : undefined,
  );
}

async function read(call: Extract<ToMountThread, { kind: "read" }>): Promise<void> {
  const { callId, bodyId, position, bytesMax } = call;
  const body = bodies.get(bodyId);
  const into = Buffer.alloc(body?.kind === "source" ? bytesMax : 0);
  const count = body?.kind === "source" ? await body.source.read(into, position) : 0;
  const bytes = toMovable(into.subarray(0, count));
  tell({ kind: "bytes", callId, bytes }, bytes);
}

async function checkUnchanged(
  call: Extract<ToMountThread, { kind: "is-unchanged" }>,
): Promise<void> {
  const { callId, bodyId } = call;
  const body = bodies.get(bodyId);
  const isUnchanged = body?.kind === "source" && (await body.source.isUnchanged());
  tell({ kind: "unchanged", callId, isUnchanged });
}

async function sendNextPart(call: Extract<ToMountThread, { kind: "next-part" }>): Promise<void> {
  const { callId, bodyId } = call;
  const body = bodies.get(bodyId);
  const step = body?.kind === "parts" ? await body.parts.next() : undefined;
  if (step === undefined || step.done === true) {
    tell({ kind: "part", callId, part: undefined });
  } else if (typeof step.value === "string") {
    tell({ kind: "part", callId, part: step.value });
  } else {
    const part = toMovable(step.value);
    tell({ kind: "part", callId, part }, part);
  }
}

function close(bodyId: number): void {
  const body = bodies.get(bodyId);
  bodies.delete(bodyId);
  if (body === undefined) return;
  if (body.kind === "parts") void body.parts.return?.(undefined);
  closeBody(body.body);
}

function handle(message: Exclude<ToMountThread, { kind: "close" }>): Promise<void> {
  switch (message.kind) {
    case "answer":
      return answer(message);
    case "read":
      return read(message);
    case "is-unchanged":
      return checkUnchanged(message);
    case "next-part":
      return sendNextPart(message);
  }
}

parentPort?.on("message", (message: ToMountThread) => {
  if (message.kind === "close") close(message.bodyId);
  else {
    const { callId } = message;
    handle(message).catch((error: unknown) => {
      const text = error instanceof Error ? error.message : String(error);
      tell({
        kind: "failed",
        callId,
        message: text,
        hasChanged: error instanceof SourceChangedError,
      });
    });
  }
});
