// Finds the end of each answer on one connection: a head with a Content-Length and its body. For the
// client of bench/open-load-main.ts, which talks to servers whose answers have been checked before.

const HEAD_END = Buffer.from("\r\n\r\n");
const NOTHING = Buffer.alloc(0);

export class AnswerReader {
  #head: Buffer = NOTHING;
  #status = 0;
  /** Of the body; undefined while the head is incomplete. */
  #missingBytes: number | undefined;

  /**
   * Takes the next bytes; a connection has one request under way, so nothing follows an answer.
   * @returns the status when the answer is complete, or what is wrong with it
   */
  read(chunk: Buffer): number | "incomplete" | "without a length" | "longer than its length" {
    let bodyBytes = chunk.length;
    if (this.#missingBytes === undefined) {
      const all = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
      const end = all.indexOf(HEAD_END);
      if (end === -1) {
        this.#head = all;
        return "incomplete";
      }
      this.#head = NOTHING;
      const text = all.toString("latin1", 0, end + 2);
      const length = /\r\ncontent-length: *(\d+)\r\n/i.exec(text)?.[1];
      if (length === undefined) return "without a length";
      this.#status = Number(text.slice(9, 12));
      this.#missingBytes = Number(length);
      bodyBytes = all.length - end - HEAD_END.length;
    }
    this.#missingBytes -= bodyBytes;
    if (this.#missingBytes > 0) return "incomplete";
    if (this.#missingBytes < 0) return "longer than its length";
    this.#missingBytes = undefined;
    return this.#status;
  }
}
