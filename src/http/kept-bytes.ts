// The bytes of an answer that is given again and again, head and body in one buffer, so that the next
// one costs a single write and no copy. What differs between two uses, a number in the last field
// (counted-field.ts), is written over in place.

import {
  type CountedField,
  countDigits,
  formatCountedField,
  writeDigits,
} from "./counted-field.ts";

/** Whoever copies a larger body to put a head before it loses more than a second buffer costs. */
export const KEPT_BODY_BYTES_MAX = 64 * 1024;

export class KeptBytes {
  private bytes: Buffer | undefined;
  private dateFields: string = "";
  private counted: CountedField | undefined;
  private digitCount = 0;
  /** Where the number ends. */
  private digitsEnd = 0;

  /**
   * Head and body with that date and number, if they are there. They are the caller's until `release`.
   * @param dateFields compared first: as long as it is the same second it is the same string
   */
  take(dateFields: string, counted: CountedField | undefined): Buffer | undefined {
    const { bytes, counted: known } = this;
    if (bytes === undefined || dateFields !== this.dateFields) return undefined;
    if (counted === known) return bytes;
    if (counted === undefined || known === undefined) return undefined;
    if (counted.beginning !== known.beginning || counted.end !== known.end) return undefined;
    // Of another length: what stands behind it would have to move.
    if (countDigits(counted) !== this.digitCount) return undefined;
    writeDigits(bytes, this.digitsEnd, counted.count, this.digitCount);
    return bytes;
  }

  /** Makes them anew. @param beginning the head up to the counted field, with `dateFields` in it */
  make(
    beginning: string,
    dateFields: string,
    counted: CountedField | undefined,
    body: Buffer,
  ): Buffer {
    const last = counted === undefined ? "" : formatCountedField(counted);
    const headBytes = beginning.length + last.length + 2;
    // Not from the pool: they stay for a second, and would keep a whole slab alive.
    const bytes = Buffer.allocUnsafeSlow(headBytes + body.length);
    bytes.write(`${beginning}${last}\r\n`, 0, "latin1");
    body.copy(bytes, headBytes);
    this.bytes = bytes;
    this.dateFields = dateFields;
    this.counted = counted;
    if (counted !== undefined) {
      this.digitCount = countDigits(counted);
      this.digitsEnd = beginning.length + counted.beginning.length + this.digitCount;
    }
    return bytes;
  }

  /** @param isSent whether the kernel has taken them all; else they stay the stream's, untouched */
  release(isSent: boolean): void {
    if (!isSent) this.bytes = undefined;
  }
}
