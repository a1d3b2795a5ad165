// What a connection has received and no request has used yet: a head in pieces, or requests that wait
// for the answers before them. Bytes are added in place; its room doubles when it must grow, so that a
// head that comes a byte at a time is not copied for each of them.

const EMPTY = Buffer.alloc(0);
/** Most heads in pieces, and a few small requests. */
const ROOM_BYTES_MIN = 1024;

export class InputBuffer {
  private room: Buffer = EMPTY;
  private start = 0;
  private end = 0;

  get length(): number {
    return this.end - this.start;
  }

  /** All of it; a view that holds until the next change. */
  get bytes(): Buffer {
    return this.start === this.end ? EMPTY : this.room.subarray(this.start, this.end);
  }

  /** Copies what stands from `from` to `to`. */
  append(bytes: Buffer, from: number, to: number): void {
    const moreBytes = to - from;
    if (this.end + moreBytes > this.room.length) this.makeRoom(this.length + moreBytes);
    bytes.copy(this.room, this.end, from, to);
    this.end += moreBytes;
  }

  /** The first so many were used. */
  drop(countBytes: number): void {
    this.start += countBytes;
    if (this.start === this.end) this.clear();
  }

  /** Lets its memory go, too: an idle connection holds none. */
  clear(): void {
    this.room = EMPTY;
    this.start = 0;
    this.end = 0;
  }

  private makeRoom(bytesMin: number): void {
    const roomBytes = Math.max(ROOM_BYTES_MIN, 2 ** Math.ceil(Math.log2(bytesMin)));
    const here = this.bytes;
    // Not where it stands, even if it would fit: it is read from while it is added to.
    this.room = Buffer.allocUnsafeSlow(roomBytes);
    here.copy(this.room);
    this.end = here.length;
    this.start = 0;
  }
}
