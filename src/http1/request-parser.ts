// Finds request heads in a stream of bytes: an incremental scanner over one connection's buffer that
// remembers how far it came. It looks at each byte once at most, refuses what can never become a valid
// head as soon as it sees it, and hands whole heads to request-line.ts and field-lines.ts. It passes over
// bytes in which nothing is to be decided four at a time: a head of 16 KiB then costs a fifth.

import type { Refusal } from "../http/request.ts";
import type { HttpLimits } from "../transport/engine.ts";
import { combine, type FieldBlock, parseFieldLines } from "./field-lines.ts";
import {
  type HeadOutcome,
  KEPT_LENGTH_MAX,
  LastRequestHead,
  type RequestHeadCache,
} from "./request-head-cache.ts";
import { parseRequestLine, type RequestLine } from "./request-line.ts";

export type ParseOutcome =
  | { readonly kind: "incomplete" }
  | HeadOutcome
  | { readonly kind: "refused"; readonly refusal: Refusal };

const INCOMPLETE: ParseOutcome = { kind: "incomplete" };
const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const DEL = 0x7f;

export class RequestParser {
  readonly #limits: HttpLimits;
  readonly #memory: RequestHeadCache;
  /** Made with the second request: most connections of strangers, and idle ones, have had only one. */
  #last: LastRequestHead | undefined;
  /** All offsets count from the first byte of this request. */
  #scanned = 0;
  #lineStart = 0;
  #hasSkippedLine = false;
  #hasReadHead = false;
  #line: RequestLine | undefined;
  #fieldsStart = 0;
  /** Where each field line ended so far, counted from the start of the first. */
  readonly #lineEnds: number[] = [];

  /** @param memory shared by all parsers of a thread */
  constructor(limits: HttpLimits, memory: RequestHeadCache) {
    this.#limits = limits;
    this.#memory = memory;
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

  /** Skips what is the same as in the last request; returns the outcome when that is the whole head. */
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
    // As nearly always with a poller: all of it was combined before, and there is nothing to reset.
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

  #endHead(line: RequestLine, block: FieldBlock, endOffset: number): ParseOutcome {
    const head = combine(line, block);
    if ("status" in head) return { kind: "refused", refusal: { ...head, form: line } };
    this.#reset();
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

  /** There is a CRLF at `at`. Returns an outcome when the head ends here, well or badly. */
  #endLine(buffer: Buffer, start: number, at: number, end: number): ParseOutcome | undefined {
    const lineStart = this.#lineStart;
    const offset = at - start;
    const tooLong = this.#tooLong(offset);
    if (tooLong !== undefined) return tooLong;
    this.#lineStart = offset + 2;
    if (this.#line === undefined) {
      if (offset === lineStart) return this.#skipEmptyLine();
      const line = this.#readLine(buffer.toString("latin1", start + lineStart, at));
      if ("status" in line) return { kind: "refused", refusal: line };
      // A line behind an empty line is not remembered: the next request begins without one.
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
    const block = this.#readBlock(buffer, start + this.#fieldsStart, at);
    if ("status" in block) return { kind: "refused", refusal: { ...block, form: this.#line } };
    this.#last?.rememberBlock(buffer, start + this.#fieldsStart, at + 2, block);
    return this.#endHead(this.#line, block, offset + 2);
  }

  #readLine(text: string): RequestLine | Refusal {
    const known = this.#memory.lineOf(text);
    if (known !== undefined) return known;
    const line = parseRequestLine(text);
    if (!("status" in line)) this.#memory.keepLine(text, line);
    return line;
  }

  #readBlock(bytes: Buffer, start: number, end: number): FieldBlock | Refusal {
    const lineEnds = this.#lineEnds;
    // A block that is too long to be kept is not even made into a string.
    if (end - start > KEPT_LENGTH_MAX)
      return parseFieldLines({ bytes, start, lineEnds }, this.#limits);
    const text = bytes.toString("latin1", start, end);
    const known = this.#memory.blockOf(text);
    if (known !== undefined) return known;
    const block = parseFieldLines({ bytes, start, lineEnds }, this.#limits);
    if (!("status" in block)) this.#memory.keepBlock(text, block);
    return block;
  }

  /** One empty line before a request is ignored (RFC 9112 §2.2): old clients end a body with it. */
  #skipEmptyLine(): ParseOutcome | undefined {
    if (this.#hasSkippedLine) return this.#refused(400, "A request begins with a request line.");
    this.#hasSkippedLine = true;
    return undefined;
  }

  #refused(status: Refusal["status"], explanation: string): ParseOutcome {
    const refusal = { status, explanation };
    return { kind: "refused", refusal: this.#line ? { ...refusal, form: this.#line } : refusal };
  }

  #reset(): void {
    this.#scanned = 0;
    this.#lineStart = 0;
    this.#hasSkippedLine = false;
    this.#line = undefined;
    this.#fieldsStart = 0;
    this.#lineEnds.length = 0;
  }
}

const HIGH_BITS = 0x80808080 | 0;
const LOW_BITS = 0x01010101;
const SPACES = 0x20202020;
const DELETES = 0x7f7f7f7f;

let viewedBytes: Buffer | undefined;
let view: DataView = new DataView(new ArrayBuffer(0));

/**
 * How far the bytes from `start` on are plain: no control character, and none beyond ASCII unless that
 * is allowed. Stops at the word that has another in it, or a few bytes before `end`: what follows is to
 * be looked at one by one. A byte that it passes over is plain; one that it stops at may be, too.
 */
export function skipPlainBytes(
  bytes: Buffer,
  start: number,
  end: number,
  isBeyondAsciiAllowed: boolean,
): number {
  // A thread reads into one buffer nearly always.
  if (bytes !== viewedBytes) {
    viewedBytes = bytes;
    view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
  const beyondAscii = isBeyondAsciiAllowed ? 0 : HIGH_BITS;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const word = view.getInt32(at, true);
    // A byte below a space borrows and gets its high bit; the byte above it may get one for nothing.
    const controls = (word - SPACES) & ~word;
    const difference = word ^ DELETES;
    const deletes = (difference - LOW_BITS) & ~difference;
    if (((controls | deletes) & HIGH_BITS) !== 0 || (word & beyondAscii) !== 0) break;
  }
  return at;
}
