// Checksums of some of what was read of a file, to tell later whether a file that has grown meanwhile
// was only appended to, as a log is, or written anew. Bounded, however long the file is. Used by
// open-file.ts.

import { readSync } from "node:fs";
import { crc32 } from "node:zlib";

/** Of each sample: a block of most file systems. */
export const SAMPLE_BYTES_MAX = 4096;
/** At most so many are compared at the end, without waiting: a millisecond. */
const SAMPLES_MAX = 64;

interface Sample {
  readonly position: number;
  readonly lengthBytes: number;
  readonly checksum: number;
}

export class ReadSamples {
  private samples: Sample[] = [];
  private readCount = 0;
  private readsPerSample = 1;

  get count(): number {
    return this.samples.length;
  }

  /** To be told of each read. */
  add(position: number, bytes: Buffer): void {
    const isTaken = this.readCount % this.readsPerSample === 0;
    this.readCount++;
    if (!isTaken) return;
    if (this.samples.length === SAMPLES_MAX) {
      // Half as many, twice as far apart: they still lie over all that was read.
      this.samples = this.samples.filter((_, index) => index % 2 === 0);
      this.readsPerSample *= 2;
    }
    const sample = bytes.subarray(0, SAMPLE_BYTES_MAX);
    this.samples.push({ position, lengthBytes: sample.length, checksum: crc32(sample) });
  }

  /** Whether the open file has the same bytes in all these places now. */
  areIn(fd: number): boolean {
    const again = Buffer.allocUnsafe(SAMPLE_BYTES_MAX);
    return this.samples.every(({ position, lengthBytes, checksum }) => {
      const readBytes = readSync(fd, again, 0, lengthBytes, position);
      return readBytes === lengthBytes && crc32(again.subarray(0, lengthBytes)) === checksum;
    });
  }
}
