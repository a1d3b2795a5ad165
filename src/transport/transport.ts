// The wall around the wire: what an engine sees of a connection, and what it owes and may expect. An
// engine (transport/engine.ts) speaks a protocol and knows no socket; a transport moves bytes and knows no
// protocol. node-transport.ts is the form over Node's sockets, plain and TLS. test/contract runs the
// same cases against every form.
//
// What a transport owes:
// - Bytes arrive in their order, and each call of the receiver is made from the event loop: never from
//   inside a call that the engine makes. So an engine needs no guard against being entered twice.
// - Bytes leave in the order of the calls. `write` never waits, and what it was given belongs to the
//   transport until it has left. `send…` waits, so that no more is read or made than the client takes.
// - What the client has not taken is counted in the thread's SendMemory (send-memory.ts). A transport
//   that holds too much there for too long is ended by it.
// - `closed` is the last call of all, and is made exactly once, whoever ended the connection.

import type { SourcePart } from "../http/source.ts";

/** Takes what happens on a connection; an engine, or what reads before it (proxied-start.ts). */
export interface TransportReceiver {
  /**
   * The client has sent something.
   * @param bytes the first `lengthBytes` of it; lent for the call: the next client's bytes come into the
   *   same memory, so what is kept is copied
   */
  receive(bytes: Buffer, lengthBytes: number): void;
  /** The client has sent its last byte; it may still read. */
  receiveEnd(): void;
  /** Everything written has left. Called once for each `awaitDrain`, unless the connection closes first. */
  drained(): void;
  /** Everything written has left, and the end that `end` asked for behind it. */
  sentEnd(): void;
  /** The connection is gone. The last call. */
  closed(): void;
}

export interface Transport {
  /** Who takes what happens. May be replaced at any time; only the new one is called from then on. */
  receiver: TransportReceiver;

  /** Whether nothing can be written any more, because the connection is closed or broken. */
  readonly isGone: boolean;
  /** Whether something written has not left: the client reads more slowly than we write. */
  readonly isBehind: boolean;
  /** Whether so much waits that no more should be made for this client before it has left. */
  readonly isFull: boolean;

  /**
   * Writes without waiting.
   * @param data a string is Latin-1
   * @returns whether all of it has left, so that its memory is the caller's again
   */
  write(data: Buffer | string): boolean;
  /** Holds back what is written until `release`, so that it leaves together. Holds may be nested. */
  hold(): void;
  /** Lets go of what `hold` held back. */
  release(): void;
  /** Asks for one call of `drained`. For a transport that `isFull`. */
  awaitDrain(): void;

  /**
   * Writes what leaves together, and waits until the client has taken it, and after much of it until
   * other connections have had their turn.
   * @returns false when the connection is gone; a promise only where there is something to wait for
   */
  send(pieces: readonly Buffer[]): boolean | Promise<boolean>;
  /**
   * Writes a head and a body that is in memory, piece by piece, each when the client has taken the one
   * before. The last one is not waited for.
   * @param head Latin-1
   * @param bytes must not change until all of it has left
   * @returns how much of the body was written; less than all only when the connection is gone
   */
  sendBytes(head: string, bytes: Buffer): number | Promise<number>;
  /**
   * Writes a head and a part of a source. The source is read before the head leaves, so that a source
   * that cannot be read can still be answered otherwise, and a small one leaves in one piece with the
   * head: what fits into one piece is sent as a whole, or not at all. The source is not closed.
   * @param head Latin-1
   * @param onBegin called just before the first bytes leave
   * @returns how much of the part was written; less than all when the connection is gone, or when the
   *   source failed or changed on the way: then the receiver must not take it for complete
   * @throws what the source throws, or SourceChangedError, while nothing has been written
   */
  sendSource(head: string, part: SourcePart, onBegin: () => void): number | Promise<number>;

  /**
   * Whether the client is behind and has taken nothing since the last call. Asked a few times a second.
   */
  hasStalled(): boolean;

  /** Reads no more until `resume`; what was read already may still come. */
  pause(): void;
  resume(): void;
  /** Sends our end behind what was written. The other direction stays open: `sentEnd` tells when. */
  end(): void;
  /** Ends both directions at once, and throws away what has not left. `closed` follows. */
  destroy(): void;
}

/** A client that has connected, and from which nothing has been read. */
export interface ArrivedClient {
  /** UNIX_PEER for a client of a Unix socket; undefined when the client has gone again. */
  readonly address: string | undefined;
  /**
   * Begins to read. Called once.
   * The caller gives the transport its receiver before its turn of the event loop ends.
   */
  open(): Transport;
  /** Closes it unread; instead of `open`. */
  refuse(): void;
}
