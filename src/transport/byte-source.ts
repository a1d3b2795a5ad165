// Where the bytes of a large body come from, piece by piece. Files, zips and other bodies implement it;
// a transport reads from it while it sends.

/** Closed exactly once, by the engine that was given it. */
export interface ByteSource {
  /**
   * Reads up to `into.length` bytes at `position`; 0 means that there are no more. At once where it
   * need not be waited for.
   */
  read(into: Buffer, position: number): number | Promise<number>;
  /**
   * Whether everything read so far is of the version that the reply's fields speak of. At once where it
   * need not be waited for.
   */
  isUnchanged(): boolean | Promise<boolean>;
  close(): void;
  /** The memory that it reads from, which lives as long as the source; others may read from it, too. */
  readonly memory?: Buffer | undefined;
}

/** A source has another content than when the reply was made, and nothing of it has been sent. */
export class SourceChangedError extends Error {
  override readonly name = "SourceChangedError";

  constructor() {
    super("the file changed while it was read");
  }
}

/** What a source reads from does not answer in time; trying again later may help. */
export class SourceUnavailableError extends Error {
  override readonly name = "SourceUnavailableError";
}
