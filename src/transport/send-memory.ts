// The memory that a thread holds for answers that their clients have not taken: one budget for all of them,
// however they are made. The more of it is in use, the smaller are the pieces that large answers leave in. When
// it is used up, the connection whose client has taken nothing for the longest time is ended. One for each
// thread, used by node-transport.ts. It knows neither sockets nor time.

/** A connection that holds bytes that its client has not taken. */
export interface SendHolder {
  /** Ends the connection, because others need the room. */
  endForRoom(): void;
}

interface Holding {
  readonly bytes: number;
  /** Memory that other holders may share. */
  readonly shared: Buffer | undefined;
}

interface SharedMemoryUse {
  holders: number;
}

/** Large enough that fast readers cost few system calls. One reader that stalls may hold this much. */
export const PIECE_BYTES_MAX = 128 * 1024;
/** A smaller piece is not worth its system calls, and a connection itself takes about 1 KiB. */
const PIECE_BYTES_MIN = 8 * 1024;
/**
 * How large a piece may be while less than that share of the budget is in use. With a large budget a hundred
 * readers lose no speed; in a small one thousands of readers find room.
 */
const PIECE_STEPS: readonly { readonly below: number; readonly bytesMax: number }[] = [
  { below: 1 / 8, bytesMax: PIECE_BYTES_MAX },
  { below: 1 / 4, bytesMax: 64 * 1024 },
  { below: 1 / 2, bytesMax: 32 * 1024 },
  { below: 3 / 4, bytesMax: 16 * 1024 },
];

export class SendMemory {
  readonly bytesMax: number;
  readonly #onEnded: () => void;
  /** In order: the client of the first has taken nothing for the longest time. */
  readonly #holdings = new Map<SendHolder, Holding>();
  readonly #sharedUses = new Map<ArrayBufferLike, SharedMemoryUse>();
  #usedBytes = 0;
  /** By length, a power of two: at most one of each. */
  readonly #freePieces = new Map<number, Buffer>();

  /**
   * @param bytesMax for all answers of the thread together
   * @param onEnded called for each connection that is ended because there is no room left
   */
  constructor(bytesMax: number, onEnded: () => void = () => {}) {
    this.bytesMax = bytesMax;
    this.#onEnded = onEnded;
  }

  /** The bytes that all connections hold at this moment. */
  get bytes(): number {
    return this.#usedBytes;
  }

  /** How large the next piece of an answer may be, including its head. */
  get pieceBytes(): number {
    const step = PIECE_STEPS.find(({ below }) => this.#usedBytes < below * this.bytesMax);
    return step?.bytesMax ?? PIECE_BYTES_MIN;
  }

  /**
   * A buffer for a piece of that length, up to twice as long. The caller owns it, and gives it back or leaves it
   * to the garbage collector.
   */
  takePiece(lengthBytes: number): Buffer {
    const sizeBytes = Math.max(PIECE_BYTES_MIN, 2 ** Math.ceil(Math.log2(lengthBytes)));
    const piece = this.#freePieces.get(sizeBytes);
    if (piece === undefined) return Buffer.allocUnsafeSlow(sizeBytes);
    this.#freePieces.delete(sizeBytes);
    return piece;
  }

  /** Clients that are as fast as the server use the same piece, one after the other. */
  giveBackPiece(piece: Buffer): void {
    if (piece.length <= PIECE_BYTES_MAX) this.#freePieces.set(piece.length, piece);
  }

  /**
   * Notes how much `holder` holds from now on. Called just after it has written something, or its client has
   * taken something. If there is no room, the holders that have waited longest are ended.
   */
  hold(holder: SendHolder, bytes: number, shared: Buffer | undefined): void {
    this.release(holder);
    this.#holdings.set(holder, { bytes, shared });
    this.#usedBytes += bytes;
    if (shared !== undefined) this.#addSharer(shared);
    for (const other of this.#holdings.keys()) {
      if (this.#usedBytes <= this.bytesMax || other === holder) break;
      this.release(other);
      this.#onEnded();
      other.endForRoom();
    }
  }

  /** Notes that the holder holds nothing any more. */
  release(holder: SendHolder): void {
    const holding = this.#holdings.get(holder);
    if (holding === undefined) return;
    this.#holdings.delete(holder);
    this.#usedBytes -= holding.bytes;
    if (holding.shared !== undefined) this.#removeSharer(holding.shared);
  }

  #addSharer({ buffer }: Buffer): void {
    const use = this.#sharedUses.get(buffer);
    if (use !== undefined) {
      use.holders++;
      return;
    }
    this.#sharedUses.set(buffer, { holders: 1 });
    this.#usedBytes += buffer.byteLength;
  }

  #removeSharer({ buffer }: Buffer): void {
    const use = this.#sharedUses.get(buffer);
    if (use === undefined || --use.holders > 0) return;
    this.#sharedUses.delete(buffer);
    this.#usedBytes -= buffer.byteLength;
  }
}
