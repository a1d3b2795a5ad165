// Finds request heads in a stream of bytes: a scanner over one connection's buffer that remembers how far it
// has come. It looks at each byte at most once, refuses a head as soon as it can never become valid, and
// hands whole heads to request-line.ts and field-lines.ts. Where nothing has to be decided, it passes over
// four bytes at a time: a head of 16 KiB then costs a fifth.

import type { Refusal } from "../http/request.ts";
import type { HttpLimits } from "../transport/engine.ts";
import { combine, type FieldBlock } from "./field-lines.ts";
import { type HeadOutcome, LastRequestHead, type RequestHeadCache } from "./request-head-cache.ts";
import type { RequestLine, ResponseForm } from "./request-line.ts";

export type ParseOutcome =
  | { readonly kind: "incomplete" }
  | HeadOutcome
  | {
      readonly kind: "refused";
      readonly refusal: Refusal;
      /** Known when the request line was right and what follows is not: HEAD gets no body even then. */
      readonly form: ResponseForm | undefined;
    };

const INCOMPLETE: ParseOutcome = { kind: "incomplete" };
const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const DEL = 0x7f;

export class RequestParser {
  readonly #limits: HttpLimits;
  readonly #cache: RequestHeadCache;
  /** Made with the second request: many connections never send one. */
  #last: LastRequestHead | undefined;
  /** All offsets count from the first byte of this request. */
  #scanned = 0;
  #lineStart = 0;
  #hasSkippedLine = false;
  #hasReadHead = false;
  #line: RequestLine | undefined;
  #fieldsStart = 0;
  /** Where each field line so far has ended, counted from the start of the first. */
  readonly #lineEnds: number[] = [];

  /** @param cache shared by all parsers of a thread */
  constructor(limits: HttpLimits, cache: RequestHeadCache) {
    this.#limits = limits;
    this.#cache = cache;
  }

  /**
   * Continues where the last call stopped.
   * @param buffer holds the request from `start` on; bytes that were there before have not moved
   * @returns `endOffset` counts from `start`; the parser is ready for the next request then
   */
  parse(buffer: Buffer, start: number, end: number): ParseOutcome {
    if (this.#scanned === 0 && this.#last !== undefined) {
      const known = this.#recognize(this.#last, buffer, start, end);
      if (known !== undefined) return known;
    }
    for (let at = start + this.#scanned; at < end; at++) {
      at = skipPlainBytes(buffer, at, end, this.#line !== undefined);
      if (at === end) break;
      const byte = buffer[at] as number;
      if (byte > DEL ? this.#line !== undefined : byte >= SPACE && byte !== DEL) continue;
      if (byte === TAB && this.#line !== undefined) continue;
      if (byte === CR) {
        // A CR that is the last byte so far is looked at again when the next byte has come.
        if (at + 1 === end) return this.#pause(at - start);
        if (buffer[at + 1] === LF) {
          const outcome = this.#endLine(buffer, start, at, end);
          if (outcome !== undefined) return outcome;
          at++;
          continue;
        }
      }
      return this.#refused(
        400,
        "The head has a byte that no head may have: a bare CR or LF, or a control byte.",
      );
    }
    return this.#pause(end - start);
  }

  /** Skips what is the same as in the last request, and returns the outcome when that is the whole head. */
  #recognize(
    last: LastRequestHead,
    buffer: Buffer,
    start: number,
    end: number,
  ): ParseOutcome | undefined {
    const line = last.line.meaningAt(buffer, start, end);
    if (line === undefined) return undefined;
    const { lengthBytes } = last.line;
    const block = last.block.meaningAt(buffer, start + lengthBytes, end);
    // A poller nearly always comes here: both were combined before, and there is nothing to reset.
    if (block !== undefined && last.outcome !== undefined) return last.outcome;
    this.#line = line;
    this.#scanned = lengthBytes;
    this.#lineStart = lengthBytes;
    this.#fieldsStart = lengthBytes;
    if (block === undefined) return undefined;
    const outcome = this.#endHead(line, block, lengthBytes + last.block.lengthBytes);
    if (outcome.kind === "head") last.outcome = outcome;
    return outcome;
  }

  /** The whole head has been read. The parser is then ready for the next one. */
  #endHead(line: RequestLine, block: FieldBlock, endOffset: number): ParseOutcome {
    const head = combine(line, block);
    if ("status" in head) return { kind: "refused", refusal: head, form: line };
    this.#scanned = 0;
    this.#lineStart = 0;
    this.#hasSkippedLine = false;
    this.#line = undefined;
    this.#fieldsStart = 0;
    this.#lineEnds.length = 0;
    if (this.#hasReadHead) this.#last ??= new LastRequestHead();
    this.#hasReadHead = true;
    return { kind: "head", head, endOffset };
  }

  #pause(scanned: number): ParseOutcome {
    this.#scanned = scanned;
    return this.#tooLong(scanned) ?? INCOMPLETE;
  }

  #tooLong(offset: number): ParseOutcome | undefined {
    const { requestLineBytesMax, fieldBytesMax } = this.#limits;
    if (this.#line === undefined) {
      if (offset - this.#lineStart <= requestLineBytesMax) return undefined;
      return this.#refused(414, `A request line has at most ${requestLineBytesMax} bytes.`);
    }
    if (offset - this.#fieldsStart <= fieldBytesMax) return undefined;
    return this.#refused(431, `The header fields have at most ${fieldBytesMax} bytes together.`);
  }

  /** Takes the line whose CRLF is at `at`. Returns an outcome when the head ends here, well or badly. */
  #endLine(buffer: Buffer, start: number, at: number, end: number): ParseOutcome | undefined {
    const lineStart = this.#lineStart;
    const offset = at - start;
    const tooLong = this.#tooLong(offset);
    if (tooLong !== undefined) return tooLong;
    this.#lineStart = offset + 2;
    if (this.#line === undefined) {
      if (offset === lineStart) return this.#skipEmptyLine();
      const line = this.#cache.readLine(buffer.toString("latin1", start + lineStart, at));
      if ("status" in line) return { kind: "refused", refusal: line, form: undefined };
      // A line behind an empty line is not remembered: the next request begins without an empty line.
      if (lineStart === 0) this.#last?.rememberLine(buffer, start, at + 2, line);
      this.#line = line;
      this.#fieldsStart = this.#lineStart;
      const block = this.#last?.block.meaningAt(buffer, at + 2, end);
      if (block === undefined) return undefined;
      return this.#endHead(line, block, this.#fieldsStart + (this.#last?.block.lengthBytes ?? 0));
    }
    if (offset > lineStart) {
      this.#lineEnds.push(offset - this.#fieldsStart);
      return undefined;
    }
    const fieldsStart = start + this.#fieldsStart;
    const place = { bytes: buffer, start: fieldsStart, lineEnds: this.#lineEnds };
    const block = this.#cache.readFields(place, at, this.#limits);
    if ("status" in block) return { kind: "refused", refusal: block, form: this.#line };
    this.#last?.rememberBlock(buffer, fieldsStart, at + 2, block);
    return this.#endHead(this.#line, block, offset + 2);
  }

  /** Ignores one empty line before a request (RFC 9112 §2.2): old clients end a body with it. */
  #skipEmptyLine(): ParseOutcome | undefined {
    if (this.#hasSkippedLine) return this.#refused(400, "A request begins with a request line.");
    this.#hasSkippedLine = true;
    return undefined;
  }

  #refused(status: Refusal["status"], explanation: string): ParseOutcome {
    return { kind: "refused", refusal: { status, explanation }, form: this.#line };
  }
}

const HIGH_BITS = 0x80808080 | 0;
const LOW_BITS = 0x01010101;
const SPACES = 0x20202020;
const DELETES = 0x7f7f7f7f;

let viewedBytes: Buffer | undefined;
let view: DataView = new DataView(new ArrayBuffer(0));

/**
 * How far the bytes from `start` on are plain: no control character, and none beyond ASCII unless that is
 * allowed. It stops before the first four bytes that have another one among them, or a few bytes before
 * `end`; the caller looks at those one by one. Every byte that it passes over is plain.
 */
export function skipPlainBytes(
  bytes: Buffer,
  start: number,
  end: number,
  isBeyondAsciiAllowed: boolean,
): number {
  // A thread nearly always reads into the same buffer.
  if (bytes !== viewedBytes) {
    viewedBytes = bytes;
    view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
  const beyondAscii = isBeyondAsciiAllowed ? 0 : HIGH_BITS;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const word = view.getInt32(at, true);
    // A byte below a space borrows and gets its high bit; the byte above it may get one without a reason.
    const controls = (word - SPACES) & ~word;
    const difference = word ^ DELETES;
    const deletes = (difference - LOW_BITS) & ~difference;
    if (((controls | deletes) & HIGH_BITS) !== 0 || (word & beyondAscii) !== 0) break;
  }
  return at;
}
