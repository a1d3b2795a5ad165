// The wall around the wire: everything that an engine sees of a connection. An engine (engine.ts) speaks a
// protocol and knows no socket; a transport moves bytes and knows no protocol. node-transport.ts works over
// Node's sockets, plain and TLS. test/contract runs the same cases against every kind of transport.
//
// What a transport owes:
// - Bytes arrive in order. The event loop makes each call of the receiver, never a call that the engine makes:
//   so an engine needs no guard against being entered twice.
// - Bytes leave in the order of the calls. `write` never waits, and its bytes belong to the transport until
//   they have left. `send…` waits, so that no more is read or made than the client takes.
// - The thread's SendMemory (send-memory.ts) counts what the client has not taken. It ends a transport that
//   holds too much for too long.
// - `closed` is the last call of all. It comes exactly once, whoever ended the connection.

import type { SourcePart } from "../http/source.ts";

/** Takes what happens on a connection: an engine, or the reader before it (proxy-protocol.ts). */
export interface TransportReceiver {
  /**
   * The client has sent something.
   * @param bytes the first `lengthBytes` of it. They are lent for this call: the next client's bytes go into the
   *   same memory, so the receiver copies what it keeps
   */
  receive(bytes: Buffer, lengthBytes: number): void;
  /** The client has sent its last byte. It may still read. */
  receiveEnd(): void;
  /** Everything written has left. Called once for each `awaitDrain`, unless the connection closes first. */
  drained(): void;
  /** Everything written has left, and so has the end that `end` asked for. */
  sentEnd(): void;
  /** The connection is gone. The last call. */
  closed(): void;
}

export interface Transport {
  /** May be replaced at any time. From then on only the new receiver is called. */
  receiver: TransportReceiver;

  /** Whether nothing can be written any more, because the connection is closed or broken. */
  readonly isGone: boolean;
  /** Whether some of what was written has not left: the client reads more slowly than we write. */
  readonly isBehind: boolean;
  /** Whether so much waits to leave that nothing more should be made for this client until it has. */
  readonly isFull: boolean;

  /**
   * Writes without waiting.
   * @param data a string is Latin-1
   * @returns true when everything written so far has left; the memory of `data` is then the caller's again.
   *   False does not mean that something is left: a transport may not know, as with TLS
   */
  write(data: Buffer | string): boolean;
  /** Holds back what is written until `release`, so that it leaves in one piece. Holds may be nested. */
  hold(): void;
  /** Lets what `hold` held back leave. */
  release(): void;
  /** Asks for one call of `drained`. For a transport that `isFull`. */
  awaitDrain(): void;

  /**
   * Writes pieces that leave together, and waits until the client has taken them. After many bytes it also
   * waits until other connections have had their turn.
   * @returns false when the connection is gone; a promise only where there is something to wait for
   */
  send(pieces: readonly Buffer[]): boolean | Promise<boolean>;
  /**
   * Writes a head and a body that is in memory, piece by piece, each when the client has taken the one before.
   * It does not wait for the last piece.
   * @param head Latin-1
   * @param bytes must not change until all of it has left
   * @returns how much of the body was written; less than all only when the connection is gone
   */
  sendBytes(head: string, bytes: Buffer): number | Promise<number>;
  /**
   * Writes a head and a part of a source. The first piece is read before the head leaves. So a source that
   * cannot be read can still get another answer, and a small one leaves in one piece with the head: what fits
   * into one piece is sent as a whole, or not at all. The source is not closed.
   * @param head Latin-1
   * @param onBegin called just before the first bytes leave
   * @returns how much of the part was written; less than all when the connection is gone, or when the
   *   source failed or changed on the way: then the answer must not look complete
   * @throws what the source throws, or SourceChangedError, while nothing has been written
   */
  sendSource(head: string, part: SourcePart, onBegin: () => void): number | Promise<number>;

  /**
   * Whether the client is behind and has taken nothing since the last call. Engines ask a few times a second.
   */
  hasStalled(): boolean;

  /** Reads no more until `resume`. What was read already may still arrive. */
  pause(): void;
  resume(): void;
  /** Sends our end behind what was written; `sentEnd` follows. The other direction stays open. */
  end(): void;
  /** Ends both directions at once and drops what has not left; `closed` follows. */
  destroy(): void;
}

/** A client that has connected. Nothing has been read from it yet. */
export interface ArrivedClient {
  /** UNIX_PEER for a client of a Unix socket; undefined when the client has gone again. */
  readonly address: string | undefined;
  /**
   * Begins to read. Called once. The caller gives the transport its receiver in the same turn of the event loop.
   */
  open(): Transport;
  /** Closes it unread; instead of `open`. */
  refuse(): void;
}
