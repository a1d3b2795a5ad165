// The bytes of answers that are given again and again, head and body in one buffer, so that the next
// use costs a single write and no copy. They are remembered by the identity of the reply and live as
// long as it does. What differs between two uses, one number in the last field, is written over in place.

import type { Reply, UseFields } from "../http/reply.ts";
import { formatUseFields, formatUseFieldsBefore } from "./response-head.ts";

/** Copying a larger body to put a head before it costs more than a second buffer does. */
export const SERIALISED_BODY_BYTES_MAX = 64 * 1024;

/** Those of one thread. A reply has two forms: for clients whom the limit holds, and for all others. */
export class SerialisedResponses {
  readonly #limited = new WeakMap<Reply, SerialisedResponse>();
  readonly #unlimited = new WeakMap<Reply, SerialisedResponse>();

  /** The bytes of a reply for such a use, which may have to be made first. */
  of(reply: Reply, use: UseFields | undefined): SerialisedResponse {
    const responses = use === undefined ? this.#unlimited : this.#limited;
    let response = responses.get(reply);
    if (response === undefined) {
      response = new SerialisedResponse();
      responses.set(reply, response);
    }
    return response;
  }
}

export class SerialisedResponse {
  #bytes: Buffer | undefined;
  #dateFields = "";
  #use: UseFields | undefined;
  #digitCount = 0;
  /** Where the number ends. */
  #digitsEnd = 0;

  /**
   * Head and body with that date and number, if they are there. They are the caller's until `release`.
   * @param dateFields compared first: within one second it is the same string
   */
  take(dateFields: string, use: UseFields | undefined): Buffer | undefined {
    const bytes = this.#bytes;
    const known = this.#use;
    if (bytes === undefined || dateFields !== this.#dateFields) return undefined;
    if (use === known) return bytes;
    if (use === undefined || known === undefined) return undefined;
    if (use.others !== known.others || use.name !== known.name) return undefined;
    if (use.before !== known.before || use.after !== known.after) return undefined;
    // With more or fewer digits, everything behind the number would have to move.
    if (countDigits(use) !== this.#digitCount) return undefined;
    writeDigits(bytes, this.#digitsEnd, use.count, this.#digitCount);
    return bytes;
  }

  /** Makes the bytes. @param beginning the head up to the fields of the use, with `dateFields` in it */
  make(beginning: string, dateFields: string, use: UseFields | undefined, body: Buffer): Buffer {
    const last = use === undefined ? "" : formatUseFields(use);
    const headBytes = beginning.length + last.length + 2;
    // Not from the pool: they stay for a second, and would keep a whole slab alive.
    const bytes = Buffer.allocUnsafeSlow(headBytes + body.length);
    bytes.write(`${beginning}${last}\r\n`, 0, "latin1");
    body.copy(bytes, headBytes);
    this.#bytes = bytes;
    this.#dateFields = dateFields;
    this.#use = use;
    if (use !== undefined) {
      this.#digitCount = countDigits(use);
      this.#digitsEnd = beginning.length + formatUseFieldsBefore(use).length + this.#digitCount;
    }
    return bytes;
  }

  /** @param isSent whether the kernel has taken them all; if not, they stay the transport's, untouched */
  release(isSent: boolean): void {
    if (!isSent) this.#bytes = undefined;
  }
}

export function countDigits({ count, digitsMin }: UseFields): number {
  let digits = 1;
  for (let power = 10; count >= power; power *= 10) digits++;
  return Math.max(digits, digitsMin);
}

const ZERO = 0x30;

/** Writes the number as decimal digits that end before `end`, as many as `digitCount`. */
export function writeDigits(bytes: Buffer, end: number, count: number, digitCount: number): void {
  let rest = count;
  for (let at = end - 1; at >= end - digitCount; at--) {
    const tenth = Math.floor(rest / 10);
    bytes[at] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
}
