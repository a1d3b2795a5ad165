// A transport over a stream of Node's: a plain socket, a TLS socket, or any other Duplex. It sends a
// source in pieces, never more than one piece ahead of what the client takes, and notes what the client
// has not taken in the thread's SendMemory. Made by client-socket.ts and serve/admin-listener.ts.
//
// What shows of a client's progress is what the stream and libuv still hold. What the kernel holds is
// not seen, so the progress of a slow reader shows in steps of about a third of the socket's buffer.

import type { Duplex } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { SourceChangedError, type SourcePart } from "../http/reply.ts";
import type { SendHolder, SendMemory } from "./send-memory.ts";
import { readPiece } from "./source-reading.ts";
import type { Transport, TransportReceiver } from "./transport.ts";

/** What one client may be sent before the thread looks after the others: well under a millisecond. */
const TURN_BYTES_MAX = 1024 * 1024;

/** Not documented: how much is left of a write that the kernel took in part. */
interface StreamWithHandle {
  readonly _handle?: { readonly writeQueueSize?: unknown } | null;
}

export class NodeTransport implements Transport, SendHolder {
  /** Its owner sets it before the turn ends in which the transport was made. */
  receiver!: TransportReceiver;
  readonly #stream: Duplex;
  readonly #memory: SendMemory;
  #holdCount = 0;
  /** Sent in pieces since other connections last had their turn. */
  #turnBytes = 0;
  /** What was left when it was looked at last. */
  #leftBytes = 0;
  #isBehind = false;
  /** Whether a piece of a source is being read, which takes time, and holds its memory meanwhile. */
  #isReading = false;
  /** Whether the client has taken everything since `hasStalled` was asked last. */
  #hasTaken = false;
  #shared: Buffer | undefined;

  /**
   * @param input "calls": the stream's maker hands what it reads to `receiver`, and the stream emits no
   *   "data"
   */
  constructor(stream: Duplex, memory: SendMemory, input: "stream" | "calls") {
    this.#stream = stream;
    this.#memory = memory;
    if (input === "stream") {
      stream.on("data", (chunk: Buffer) => this.receiver.receive(chunk, chunk.length));
    }
    stream.on("end", () => this.receiver.receiveEnd());
    // A reset by the client is an ordinary end; "close" follows.
    stream.on("error", () => {});
    stream.on("close", () => {
      this.#letGo();
      this.receiver.closed();
    });
  }

  get isGone(): boolean {
    return this.#stream.destroyed || this.#stream.errored !== null;
  }

  get isBehind(): boolean {
    return this.#isBehind && this.#stream.writableLength > 0;
  }

  get isFull(): boolean {
    return this.#stream.writableNeedDrain && this.#stream.writableLength > 0;
  }

  write(data: Buffer | string): boolean {
    if (typeof data === "string") this.#stream.write(data, "latin1");
    else this.#stream.write(data);
    // What waits to leave together is noted when it does.
    if (this.#holdCount > 0) return false;
    // As nearly always: the kernel has taken all of it, and of what was written before.
    const holds = this.#isBehind || this.#isReading;
    if (!holds && this.#stream.writableLength === 0) return true;
    return this.#note(undefined);
  }

  hold(): void {
    if (this.#holdCount++ === 0) this.#stream.cork();
  }

  release(): void {
    if (--this.#holdCount > 0) return;
    this.#stream.uncork();
    this.#note(this.#shared);
  }

  awaitDrain(): void {
    this.#stream.once("drain", () => {
      this.#note(undefined);
      this.receiver.drained();
    });
  }

  send(pieces: readonly Buffer[]): boolean | Promise<boolean> {
    const sending = this.#writePieces(pieces, false, undefined);
    for (const piece of pieces) this.#turnBytes += piece.length;
    return this.#turnBytes < TURN_BYTES_MAX ? sending : this.#letOthersRun(sending);
  }

  async sendBytes(head: string, bytes: Buffer): Promise<number> {
    let sentBytes = 0;
    while (sentBytes < bytes.length) {
      const piece = bytes.subarray(sentBytes, sentBytes + this.#memory.pieceBytes);
      const isLast = sentBytes + piece.length === bytes.length;
      const pieces = sentBytes === 0 ? [Buffer.from(head, "latin1"), piece] : [piece];
      const sending = this.#writePieces(pieces, isLast, bytes);
      if (!(typeof sending === "boolean" ? sending : await sending)) break;
      sentBytes += piece.length;
      this.#turnBytes += piece.length;
      if (!isLast && this.#turnBytes >= TURN_BYTES_MAX) await this.#letOthersRun(true);
    }
    return sentBytes;
  }

  async sendSource(
    head: string,
    { source, offsetBytes, lengthBytes }: SourcePart,
    onBegin: () => void,
  ): Promise<number> {
    let sentBytes = 0;
    let text = head;
    // A client that left while others had their turn must not hold memory for another piece.
    while (sentBytes < lengthBytes && !this.isGone) {
      const leftBytes = text.length + lengthBytes - sentBytes;
      const pieceBytes = Math.max(this.#memory.pieceBytes, 2 * text.length);
      const piece = this.#memory.takePiece(Math.min(pieceBytes, leftBytes));
      const start = piece.write(text, 0, "latin1");
      const into = piece.subarray(start, Math.min(piece.length, leftBytes));
      const isLast = sentBytes + into.length === lengthBytes;
      const reading = readPiece(source, into, offsetBytes + sentBytes, isLast, sentBytes > 0);
      if (typeof reading !== "boolean") this.#holdForReading(piece.length);
      if (!(typeof reading === "boolean" ? reading : await reading)) {
        // In time it can be told with a status; too late, the body must not seem complete.
        if (sentBytes === 0) throw new SourceChangedError();
        break;
      }
      if (sentBytes === 0) onBegin();
      const filled = piece.subarray(0, start + into.length);
      const sending = this.#writePieces([filled], isLast, source.memory);
      if (!(typeof sending === "boolean" ? sending : await sending)) break;
      text = "";
      sentBytes += into.length;
      if (this.#stream.writableLength === 0) {
        if (this.#isReading) this.#letGo();
        this.#memory.giveBackPiece(piece);
      }
      this.#turnBytes += into.length;
      if (this.#turnBytes >= TURN_BYTES_MAX) await this.#letOthersRun(true);
    }
    return sentBytes;
  }

  hasStalled(): boolean {
    const hasTaken = this.#hasTaken;
    this.#hasTaken = false;
    if (!this.#isBehind || hasTaken) return false;
    if (this.#readLeftBytes() === this.#leftBytes) return true;
    this.#note(this.#shared);
    return false;
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  end(): void {
    this.#stream.end(() => {
      this.#letGo();
      if (this.#stream.writableFinished) this.receiver.sentEnd();
    });
  }

  destroy(): void {
    this.#stream.destroy();
  }

  /** SendMemory wants the room for others. */
  endForRoom(): void {
    this.#isBehind = false;
    this.#isReading = false;
    this.#stream.destroy();
  }

  /**
   * Writes what leaves together. Only the last piece of a body is not waited for.
   * @param shared memory that stays until the whole body has left, whoever else reads from it
   */
  #writePieces(
    pieces: readonly Buffer[],
    isLast: boolean,
    shared: Buffer | undefined,
  ): boolean | Promise<boolean> {
    const stream = this.#stream;
    if (stream.destroyed || stream.errored !== null) return false;
    let onTaken: ((isTaken: boolean) => void) | undefined;
    const isSeveral = pieces.length > 1;
    if (isSeveral) stream.cork();
    pieces.forEach((piece, index) => {
      if (isLast || index < pieces.length - 1) stream.write(piece);
      else stream.write(piece, (error) => onTaken?.(error === null || error === undefined));
    });
    if (isSeveral) stream.uncork();
    // As nearly always: the kernel has taken it, or has told at once that the client is gone.
    if (stream.writableLength === 0) return stream.errored === null;
    this.#note(shared);
    if (isLast) return true;
    return new Promise((resolve) => {
      onTaken = (isTaken) => {
        this.#note(undefined);
        resolve(isTaken);
      };
    });
  }

  /** A reader as fast as we are, and a file in memory: none of that waits. */
  async #letOthersRun(sending: boolean | Promise<boolean>): Promise<boolean> {
    const isTaken = await sending;
    await nextTurn();
    this.#turnBytes = 0;
    return isTaken;
  }

  /** Notes what is left of what was written. @returns whether nothing is */
  #note(shared: Buffer | undefined): boolean {
    const { writableLength } = this.#stream;
    // Writes that fail because the stream is gone are told afterwards, too.
    if (writableLength === 0 || this.#stream.destroyed) {
      this.#letGo();
      return true;
    }
    this.#shared = shared;
    this.#leftBytes = this.#readLeftBytes();
    this.#isBehind = true;
    this.#isReading = false;
    this.#memory.hold(this, writableLength, shared);
    return false;
  }

  #holdForReading(pieceBytes: number): void {
    this.#memory.hold(this, pieceBytes, undefined);
    this.#isReading = true;
  }

  #letGo(): void {
    if (!this.#isBehind && !this.#isReading) return;
    this.#hasTaken ||= this.#isBehind;
    this.#isBehind = false;
    this.#isReading = false;
    this.#leftBytes = 0;
    this.#shared = undefined;
    this.#memory.release(this);
  }

  #readLeftBytes(): number {
    const { writableLength } = this.#stream;
    const queued = (this.#stream as StreamWithHandle)._handle?.writeQueueSize;
    // Both: what libuv was not given yet is counted by the stream alone.
    return typeof queued === "number" ? writableLength + queued : writableLength;
  }
}
