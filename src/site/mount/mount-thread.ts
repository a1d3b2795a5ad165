// A mount thread: answers requests for files of a mount that may keep its caller waiting, by the same
// code as a server thread. When the mount hangs, it hangs, and holds up only the requests for that
// mount. Started and asked by threads.ts.

import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../../base/clock.ts";
import { SharedHitCounter } from "../../hits/counter.ts";
import {
  type BodyPart,
  type ByteSource,
  closeBody,
  type ReplyBody,
  SourceChangedError,
} from "../../http/reply.ts";
import { answerFromSite } from "../site.ts";
import { openThreadSite, type SiteTask } from "../thread-site.ts";
import type { FromMountThread, MovedAnswer, MovedBody, ToMountThread } from "./message.ts";

type LivingBody =
  | { readonly kind: "source"; readonly source: ByteSource; readonly body: ReplyBody }
  | {
      readonly kind: "parts";
      readonly parts: Iterator<BodyPart> | AsyncIterator<BodyPart>;
      readonly body: ReplyBody;
    };

const task = workerData as SiteTask;
// It reads hits for listings, and counts none: that is the server thread's.
const site = await openThreadSite(task, new SharedHitCounter(task.memory, task.threadIndex), {
  mayWait: true,
  onIgnoredSibling: (ignored) => tell({ kind: "ignored-sibling", ignored }),
});
const bodies = new Map<number, LivingBody>();
let lastBodyId = 0;

function tell(message: FromMountThread, bytes?: Uint8Array<ArrayBuffer>): void {
  parentPort?.postMessage(message, bytes === undefined ? [] : [bytes.buffer]);
}

/** A copy that can be handed over without what else lies in its memory. */
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
  // It waited behind one that hung, and its client has been answered.
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
