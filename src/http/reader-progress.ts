// How far a client is with taking what it was sent, as far as Node's sockets tell: what the stream and
// libuv still hold. What the kernel holds is not seen, so the progress of a slow reader shows in steps,
// of about a third of the socket's buffer. One for each connection; it ends nothing by itself.

import type { Duplex } from "node:stream";
import type { SendHolder, SendMemory } from "./send-memory.ts";

/** Not documented: how much of a write that the kernel took in part is left. */
interface StreamWithHandle {
  readonly _handle?: { readonly writeQueueSize?: unknown } | null;
}

export class ReaderProgress implements SendHolder {
  private readonly stream: Duplex;
  private readonly memory: SendMemory;
  /** What was left when it was looked at last. */
  private leftBytes = 0;
  private isBehindNow = false;
  private isReading = false;
  private shared: Buffer | undefined;

  constructor(stream: Duplex, memory: SendMemory) {
    this.stream = stream;
    this.memory = memory;
  }

  /** Whether the kernel has not taken everything yet that was written. */
  get isBehind(): boolean {
    return this.isBehindNow;
  }

  /**
   * Notes what is left of what was just written.
   * @param shared the memory it was copied from, if it is kept until all of it has left
   */
  note(shared?: Buffer): void {
    const { writableLength } = this.stream;
    if (writableLength === 0) {
      this.release();
      return;
    }
    this.shared = shared;
    this.leftBytes = this.readLeftBytes(writableLength);
    this.isBehindNow = true;
    this.isReading = false;
    this.memory.hold(this, writableLength, shared);
  }

  /** A piece of an answer is being read, and the client waits for it. */
  holdForReading(pieceBytes: number): void {
    this.memory.hold(this, pieceBytes, undefined);
    this.isReading = true;
  }

  /** Whether the client has taken something since the last look. Of those who are behind. */
  hasTakenSome(): boolean {
    const left = this.readLeftBytes(this.stream.writableLength);
    if (left === this.leftBytes) return false;
    this.note(this.shared);
    return true;
  }

  release(): void {
    if (!this.isBehindNow && !this.isReading) return;
    this.isBehindNow = false;
    this.isReading = false;
    this.leftBytes = 0;
    this.shared = undefined;
    this.memory.release(this);
  }

  endForRoom(): void {
    this.isBehindNow = false;
    this.isReading = false;
    this.stream.destroy();
  }

  private readLeftBytes(writableLength: number): number {
    const queued = (this.stream as StreamWithHandle)._handle?.writeQueueSize;
    // Both: what libuv was not given yet is counted by the stream alone.
    return typeof queued === "number" ? writableLength + queued : writableLength;
  }
}
