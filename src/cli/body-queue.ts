// The bytes of an answer in the order they came, also those that came just before the connection broke:
// a stream that fails forgets what it has not handed out, and with it what could be continued from.
// Used by transfer.ts.

import type { Readable } from "node:stream";

/** More than one read brings, and little beside a file; what is behind it waits at the server. */
const QUEUED_BYTES_MAX = 1024 * 1024;

export class BodyQueue {
  readonly #stream: Readable;
  readonly #chunks: Buffer[] = [];
  #queuedBytes = 0;
  #end: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  /** To be made in the turn in which the stream is there. */
  constructor(stream: Readable) {
    this.#stream = stream;
    stream.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#queuedBytes += chunk.length;
      if (this.#queuedBytes >= QUEUED_BYTES_MAX) stream.pause();
      this.#wake?.();
    });
    stream.on("end", () => this.#finish(undefined));
    stream.on("error", (error) => this.#finish(error));
    stream.on("close", () => {
      this.#finish(Object.assign(new Error("closed"), { code: "ERR_STREAM_PREMATURE_CLOSE" }));
    });
  }

  /** Undefined at the end. Rejects with the stream's error when all that came before it was taken. */
  async next(): Promise<Buffer | undefined> {
    while (this.#chunks.length === 0 && this.#end === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#queuedBytes -= chunk.length;
      if (this.#queuedBytes < QUEUED_BYTES_MAX && this.#end === undefined) this.#stream.resume();
      return chunk;
    }
    if (this.#end?.error !== undefined) throw this.#end.error;
    return undefined;
  }

  #finish(error: unknown): void {
    this.#end ??= { error };
    this.#wake?.();
  }
}
