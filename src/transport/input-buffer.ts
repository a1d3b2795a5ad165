// What a connection has received and no request has used yet: a head in pieces, or requests that wait
// for the answers before them. Bytes are added in place, and the room doubles when it must grow, so that
// a head that comes byte by byte is not copied for each byte.

const EMPTY = Buffer.alloc(0);
/** Most heads fit, and a few small requests. */
const ROOM_BYTES_MIN = 1024;

export class InputBuffer {
  #room: Buffer = EMPTY;
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  /** All of it, as a view that is valid until the next change. */
  get bytes(): Buffer {
    return this.#start === this.#end ? EMPTY : this.#room.subarray(this.#start, this.#end);
  }

  /** Copies the bytes from `from` to `to`. */
  append(bytes: Buffer, from: number, to: number): void {
    const moreBytes = to - from;
    if (this.#end + moreBytes > this.#room.length) this.#makeRoom(this.length + moreBytes);
    bytes.copy(this.#room, this.#end, from, to);
    this.#end += moreBytes;
  }

  /** Forgets the first `countBytes`: they were used. */
  drop(countBytes: number): void {
    this.#start += countBytes;
    if (this.#start === this.#end) this.clear();
  }

  /** Frees the memory, too: an idle connection holds none. */
  clear(): void {
    this.#room = EMPTY;
    this.#start = 0;
    this.#end = 0;
  }

  #makeRoom(bytesMin: number): void {
    const roomBytes = Math.max(ROOM_BYTES_MIN, 2 ** Math.ceil(Math.log2(bytesMin)));
    const here = this.bytes;
    // Always new room, even if the bytes would fit: a view of the old one may still be read.
    this.#room = Buffer.allocUnsafeSlow(roomBytes);
    here.copy(this.#room);
    this.#end = here.length;
    this.#start = 0;
  }
}
