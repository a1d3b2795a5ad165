// A transport over one of Node's streams: a plain socket, a TLS socket, or any other Duplex. It sends a source in
// pieces, never more than one piece ahead of what the client takes, and notes what the client has not taken in
// the thread's SendMemory. Made by client-socket.ts and serve/admin-listener.ts.
//
// A client's progress shows in what the stream and libuv still hold. We cannot see what the kernel holds, so
// the progress of a slow reader shows in steps of about a third of the socket's buffer.

import type { Duplex } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { readPiece, SourceChangedError, type SourcePart } from "../http/source.ts";
import type { SendHolder, SendMemory } from "./send-memory.ts";
import type { Transport, TransportReceiver } from "./transport.ts";

/** How much one client is sent before the others have their turn: well under a millisecond. */
const TURN_BYTES_MAX = 1024 * 1024;

/** Not documented: how much is left of a write that the kernel took only in part. */
interface StreamWithHandle {
  readonly _handle?: { readonly writeQueueSize?: unknown } | null;
}

export class NodeTransport implements Transport, SendHolder {
  /** The owner sets it in the turn of the event loop in which it makes the transport. */
  receiver!: TransportReceiver;
  readonly #stream: Duplex;
  readonly #memory: SendMemory;
  #holdCount = 0;
  /** Bytes sent in pieces since other connections last had their turn. */
  #turnBytes = 0;
  /** How much was left at the last look. */
  #leftBytes = 0;
  #isBehind = false;
  /** Whether a piece of a source is being read: that takes time, and the piece's memory is held meanwhile. */
  #isReading = false;
  /** Whether the client has taken everything since the last call of `hasStalled`. */
  #hasTaken = false;
  #shared: Buffer | undefined;

  /**
   * @param input "calls": the code that made the stream hands its input to `receiver`, and the stream emits no
   *   "data"
   */
  constructor(stream: Duplex, memory: SendMemory, input: "stream" | "calls") {
    this.#stream = stream;
    this.#memory = memory;
    if (input === "stream") {
      stream.on("data", (chunk: Buffer) => this.receiver.receive(chunk, chunk.length));
    }
    stream.on("end", () => this.receiver.receiveEnd());
    // A reset by the client is an ordinary end: "close" follows.
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
    // `release` notes what is held back.
    if (this.#holdCount > 0) return false;
    // Nearly always the kernel has taken all of it, and everything that was written before.
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
    // If the client left while others had their turn, no memory is taken for another piece.
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
        // Before the head leaves, a status can report this. Afterwards the body must not look complete.
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

  /** SendMemory needs the room for others. */
  endForRoom(): void {
    this.#isBehind = false;
    this.#isReading = false;
    this.#stream.destroy();
  }

  /**
   * Writes pieces that leave together, and waits until they have left unless they end the body.
   * @param shared memory that is held until the whole body has left, also for other readers
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
    // Nearly always the kernel has taken it, or has said at once that the client is gone.
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

  /** When the client is as fast as we are and the file is in memory, nothing else here ever waits. */
  async #letOthersRun(sending: boolean | Promise<boolean>): Promise<boolean> {
    const isTaken = await sending;
    await nextTurn();
    this.#turnBytes = 0;
    return isTaken;
  }

  /** Notes how much of what was written has not left. @returns whether everything has */
  #note(shared: Buffer | undefined): boolean {
    const { writableLength } = this.#stream;
    // A write that fails because the stream is gone also comes here.
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
    // Only the stream counts what libuv was not given yet.
    return typeof queued === "number" ? writableLength + queued : writableLength;
  }
}
