// An answer that a mount thread has made, as the server thread sends it: what of its body has not come
// along is asked for while it is sent.

import type { ByteSource, Reply } from "../http/reply.ts";
import type { Answer } from "./answer.ts";
import type { MountCaller } from "./mount-caller.ts";
import type { MovedAnswer, MovedBody } from "./mount-message.ts";

export function bringBack(thread: MountCaller, moved: MovedAnswer): Answer {
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
