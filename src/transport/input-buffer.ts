// The bytes that a connection has received and no request has used yet: a head in pieces, or requests that wait
// for the answers before them. Bytes are added in place and the room doubles when it must grow, so a head that
// comes byte by byte is not copied for each byte. Used by engines, and for the PROXY header.

const EMPTY = Buffer.alloc(0);
/** Most heads fit, and a few small requests. */
const ROOM_BYTES_MIN = 1024;

export class InputBuffer {
  /** How many bytes it holds. Other code only reads it. */
  length = 0;
  #room: Buffer = EMPTY;
  #start = 0;

  /** All bytes, as a view that is valid until the next change. */
  get bytes(): Buffer {
    return this.length === 0 ? EMPTY : this.#room.subarray(this.#start, this.#start + this.length);
  }

  /** Copies the bytes from `from` to `to`. */
  append(bytes: Buffer, from: number, to: number): void {
    const moreBytes = to - from;
    if (this.#start + this.length + moreBytes > this.#room.length) this.#makeRoom(moreBytes);
    bytes.copy(this.#room, this.#start + this.length, from, to);
    this.length += moreBytes;
  }

  /** Drops the first `countBytes`, which were used. */
  drop(countBytes: number): void {
    this.#start += countBytes;
    this.length -= countBytes;
    if (this.length === 0) this.clear();
  }

  /** Frees the memory as well: an idle connection holds none. */
  clear(): void {
    this.#room = EMPTY;
    this.#start = 0;
    this.length = 0;
  }

  #makeRoom(moreBytes: number): void {
    const bytesMin = this.length + moreBytes;
    const here = this.bytes;
    // Always new room, even if the bytes would fit: a view of the old one may still be read.
    this.#room = Buffer.allocUnsafeSlow(
      Math.max(ROOM_BYTES_MIN, 2 ** Math.ceil(Math.log2(bytesMin))),
    );
    here.copy(this.#room);
    this.#start = 0;
  }
}
