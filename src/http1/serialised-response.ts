// The bytes of answers that are given again and again, head and body in one buffer, so that the next use
// costs a single write and no copy. They are remembered by the identity of the reply and live as long as it
// does. Two uses differ in one number of the last field, which is overwritten in place. Used by
// response-writer.ts.

import type { Reply, UseFields } from "../http/reply.ts";

/** Copying a larger body to put a head before it costs more than a second buffer does. */
export const SERIALISED_BODY_BYTES_MAX = 64 * 1024;

/** The serialised responses of one thread. A reply has two forms: for clients that the limit applies to, and for all others. */
export class SerialisedResponses {
  readonly #limited = new WeakMap<Reply, SerialisedResponse>();
  readonly #unlimited = new WeakMap<Reply, SerialisedResponse>();

  /** The bytes that are kept of a reply for such a use; there may be none yet. */
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

/** The CRLF of the last field, and the empty line. */
const HEAD_END_BYTES = 4;
const ZERO = 0x30;

export class SerialisedResponse {
  /** How many bytes of the last `make` are the body. Other code only reads it. */
  bodyBytes = 0;
  #bytes: Buffer | undefined;
  #dateFields = "";
  #use: UseFields | undefined;
  #digitCount = 0;
  /** Where the number ends. */
  #digitsEnd = 0;

  /**
   * Head and body with that date and number, if they are there.
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
    const digitCount = this.#digitCount;
    const digitsStart = this.#digitsEnd - digitCount;
    let rest = use.count;
    for (let at = this.#digitsEnd - 1; at >= digitsStart; at--) {
      const tenth = Math.floor(rest / 10);
      bytes[at] = ZERO + rest - tenth * 10;
      rest = tenth;
    }
    if (rest > 0 || use.digitsMin > digitCount) return undefined;
    const isShorter = bytes[digitsStart] === ZERO && digitCount > 1 && digitCount > use.digitsMin;
    return isShorter ? undefined : bytes;
  }

  /**
   * Keeps head and body as bytes, and returns them.
   * @param head ends with the fields of `use`; it has `dateFields` in it
   */
  make(head: string, dateFields: string, use: UseFields | undefined, body: Buffer): Buffer {
    // Not from the pool: they stay for a second, and would keep a whole slab alive.
    const bytes = Buffer.allocUnsafeSlow(head.length + body.length);
    bytes.write(head, 0, "latin1");
    body.copy(bytes, head.length);
    this.bodyBytes = body.length;
    this.#bytes = bytes;
    this.#dateFields = dateFields;
    this.#use = use;
    if (use !== undefined) {
      this.#digitCount = Math.max(String(use.count).length, use.digitsMin);
      this.#digitsEnd = head.length - HEAD_END_BYTES - use.after.length;
    }
    return bytes;
  }

  /** The bytes belong to the transport, which still holds them: they must not be overwritten. */
  forget(): void {
    this.#bytes = undefined;
  }
}
