// Sources: the bytes of bodies that are read while they are sent. What a source owes, and the only way to read
// from one until a buffer is full. Nothing here waits for a source that answers at once.

/**
 * Gives the bytes of a large body piece by piece. Files and other bodies implement it, and a transport reads from
 * it while it sends. The engine closes it exactly once.
 */
export interface ByteSource {
  /**
   * Reads up to `into.length` bytes at `position`; 0 means that there are no more. Returns a promise only if it
   * has to wait.
   */
  read(into: Buffer, position: number): number | Promise<number>;
  /**
   * Whether everything read so far is of the version that the reply's fields describe. Returns a promise only if
   * it has to wait.
   */
  isUnchanged(): boolean | Promise<boolean>;
  close(): void;
  /** The memory that it reads from, which lives as long as the source. Other sources may read from it, too. */
  readonly memory?: Buffer | undefined;
}

/** A part of a source that is read while it is sent. */
export interface SourcePart {
  readonly source: ByteSource;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/** The content of a source has changed since the reply was made, and nothing of it has been sent. */
export class SourceChangedError extends Error {
  override readonly name = "SourceChangedError";

  constructor() {
    super("the file changed while it was read");
  }
}

/** The disk or program behind a source does not answer in time. Trying again later may help. */
export class SourceUnavailableError extends Error {
  override readonly name = "SourceUnavailableError";
}

/**
 * Reads from `position` on until `into` is full: a source may answer each read with fewer bytes than it was
 * asked for.
 * @returns the number of bytes read, less than `into.length` only if the source has ended; a promise only if
 *   the source returned one
 * @throws what the source throws; a promise rejects with it
 */
export function readFully(
  source: Pick<ByteSource, "read">,
  into: Buffer,
  position: number,
): number | Promise<number> {
  let filled = 0;
  while (filled < into.length) {
    const rest = filled === 0 ? into : into.subarray(filled);
    const reading = source.read(rest, position + filled);
    if (typeof reading !== "number") return readRest(source, into, position, filled, reading);
    if (reading === 0) break;
    filled += reading;
  }
  return filled;
}

/** From the first read on that has to be waited for. */
async function readRest(
  source: Pick<ByteSource, "read">,
  into: Buffer,
  position: number,
  filledBefore: number,
  reading: Promise<number>,
): Promise<number> {
  let filled = filledBefore;
  for (let bytes = await reading; bytes > 0; ) {
    filled += bytes;
    if (filled === into.length) break;
    bytes = await source.read(into.subarray(filled), position + filled);
  }
  return filled;
}

/**
 * Reads one piece: whole, and of the version that the answer describes. For transports.
 * @param isLast whether nothing is read after it; then the source is asked whether it has changed
 * @param hasSent whether something of the body has left. No status can report an error then, so it counts as a
 *   source that has ended too soon.
 * @returns false when the source has ended too soon, failed or changed
 * @throws what the source throws, while nothing has left
 */
export function readPiece(
  source: ByteSource,
  into: Buffer,
  position: number,
  isLast: boolean,
  hasSent: boolean,
): boolean | Promise<boolean> {
  try {
    const reading = readFully(source, into, position);
    if (typeof reading !== "number") {
      return falseOnceSent(isWholeLater(source, reading, into, isLast), hasSent);
    }
    if (reading < into.length) return false;
    if (!isLast) return true;
    const isUnchanged = source.isUnchanged();
    return typeof isUnchanged === "boolean" ? isUnchanged : falseOnceSent(isUnchanged, hasSent);
  } catch (error) {
    if (!hasSent) throw error;
    return false;
  }
}

async function isWholeLater(
  source: ByteSource,
  reading: Promise<number>,
  into: Buffer,
  isLast: boolean,
): Promise<boolean> {
  if ((await reading) < into.length) return false;
  return !isLast || (await source.isUnchanged());
}

async function falseOnceSent(work: Promise<boolean>, hasSent: boolean): Promise<boolean> {
  try {
    return await work;
  } catch (error) {
    if (!hasSent) throw error;
    return false;
  }
}
