// What a thread holds of answers that their clients have not taken: one budget for all of them, however
// they are made. The more of it is in use, the smaller are the pieces that large answers leave in; and
// when it is used up, the connection that has taken nothing for longest is ended. One for each thread,
// used by node-transport.ts. It knows neither sockets nor time.

/** A connection that holds bytes its client has not taken. */
export interface SendHolder {
  /** Ends it: what it holds is wanted for others. */
  endForRoom(): void;
}

interface Holding {
  readonly bytes: number;
  /** Memory that other holders may hold, too. */
  readonly shared: Buffer | undefined;
}

interface SharedMemoryUse {
  holders: number;
}

/** Few system calls for those who read fast; what one reader that stalls may cost. */
export const PIECE_BYTES_MAX = 128 * 1024;
/** Less than this is not worth its system calls; 1 KiB of a connection's own state is near. */
const PIECE_BYTES_MIN = 8 * 1024;
/**
 * How large a piece may be while less than such a share of the budget is in use. So a hundred readers
 * of a large budget cost nothing in speed, and thousands find room in a small one.
 */
const PIECE_STEPS: readonly { readonly below: number; readonly bytesMax: number }[] = [
  { below: 1 / 8, bytesMax: PIECE_BYTES_MAX },
  { below: 1 / 4, bytesMax: 64 * 1024 },
  { below: 1 / 2, bytesMax: 32 * 1024 },
  { below: 3 / 4, bytesMax: 16 * 1024 },
];

export class SendMemory {
  readonly bytesMax: number;
  private readonly onEnded: () => void;
  /** The one that has taken nothing for longest stands first. */
  private readonly holdings = new Map<SendHolder, Holding>();
  private readonly sharedUses = new Map<ArrayBufferLike, SharedMemoryUse>();
  private usedBytes = 0;
  /** One of each size at most, by its length: a power of two. */
  private readonly freePieces = new Map<number, Buffer>();

  /**
   * @param bytesMax of all answers of the thread together
   * @param onEnded called for each connection that is ended because there is no more room
   */
  constructor(bytesMax: number, onEnded: () => void = () => {}) {
    this.bytesMax = bytesMax;
    this.onEnded = onEnded;
  }

  /** The bytes that all connections hold at this moment. */
  get bytes(): number {
    return this.usedBytes;
  }

  /** How large the next piece of an answer may be, its head with it. */
  get pieceBytes(): number {
    const step = PIECE_STEPS.find(({ below }) => this.usedBytes < below * this.bytesMax);
    return step?.bytesMax ?? PIECE_BYTES_MIN;
  }

  /**
   * A buffer for a piece of that length, and up to twice as long. It is the caller's until it is given
   * back, or left to the garbage collector.
   */
  takePiece(lengthBytes: number): Buffer {
    const sizeBytes = Math.max(PIECE_BYTES_MIN, 2 ** Math.ceil(Math.log2(lengthBytes)));
    const piece = this.freePieces.get(sizeBytes);
    if (piece === undefined) return Buffer.allocUnsafeSlow(sizeBytes);
    this.freePieces.delete(sizeBytes);
    return piece;
  }

  /** Readers that are as fast as we are use one and the same piece, one after the other. */
  giveBackPiece(piece: Buffer): void {
    if (piece.length <= PIECE_BYTES_MAX) this.freePieces.set(piece.length, piece);
  }

  /**
   * Says what `holder` holds from now on, just after its client has taken something or it has written
   * something. Ends those who wait for longest where there is no room.
   */
  hold(holder: SendHolder, bytes: number, shared: Buffer | undefined): void {
    this.release(holder);
    this.holdings.set(holder, { bytes, shared });
    this.usedBytes += bytes;
    if (shared !== undefined) this.addSharer(shared);
    for (const other of this.holdings.keys()) {
      if (this.usedBytes <= this.bytesMax || other === holder) break;
      this.release(other);
      this.onEnded();
      other.endForRoom();
    }
  }

  /** It holds nothing any more. */
  release(holder: SendHolder): void {
    const holding = this.holdings.get(holder);
    if (holding === undefined) return;
    this.holdings.delete(holder);
    this.usedBytes -= holding.bytes;
    if (holding.shared !== undefined) this.removeSharer(holding.shared);
  }

  private addSharer({ buffer }: Buffer): void {
    const use = this.sharedUses.get(buffer);
    if (use !== undefined) {
      use.holders++;
      return;
    }
    this.sharedUses.set(buffer, { holders: 1 });
    this.usedBytes += buffer.byteLength;
  }

  private removeSharer({ buffer }: Buffer): void {
    const use = this.sharedUses.get(buffer);
    if (use === undefined || --use.holders > 0) return;
    this.sharedUses.delete(buffer);
    this.usedBytes -= buffer.byteLength;
  }
}
