// Incremental HTTP/1.1 response parser: bytes in, a state out, wherever the bytes are cut. It reads one
// answer after the other. What it cannot read with certainty is `garbage`; what is wrong and still clear
// is noted as odd (response-head.ts). It counts the body and does not keep it. Used by
// pipelined-connection.ts; knows nothing about sockets.

import type { BodyReader } from "./body-check.ts";
import {
  type BodyFraming,
  decideBodyFraming,
  HeadCache,
  HeadLines,
  isKeptAlive,
  type LoadMethod,
  oddityBit,
  parseFieldLine,
} from "./response-head.ts";

/** For status line and fields together, and again for the trailers: four times what common servers send. */
const HEAD_BYTES_MAX = 64 * 1024;
/** A size in hex and a few extensions, which hardly any server sends. */
const CHUNK_LINE_BYTES_MAX = 4096;
/** Empty lines before an answer. Old servers send one; more mean that the last answer ended elsewhere. */
const BLANK_LINE_COUNT_MAX = 2;

export interface ParserFault {
  readonly reason: "garbage" | "wrong-length" | "closed-early";
  readonly detail: string;
}

export interface ParserOptions {
  readonly method: LoadMethod;
  /** Shared by the parsers of a thread; by default the parser has its own. */
  readonly heads?: HeadCache;
  /** Gets the bytes of each body. */
  readonly body?: BodyReader;
}

type State =
  | "status-line"
  | "field-line"
  | "length-body"
  | "chunk-size"
  | "chunk-data"
  | "chunk-end"
  | "trailer-line"
  | "close-body"
  | "complete"
  | "failed";

const VERSION_PREFIX = "HTTP/1.";
const REPEATED_LENGTH = oddityBit("repeated-length");
const BLANK_LINE = oddityBit("blank-line");

/** Reads the answers of one connection, one after the other. */
export class ResponseParser {
  readonly #method: LoadMethod;
  readonly #heads: HeadCache;
  readonly #body: BodyReader | undefined;
  #state: State = "status-line";
  #fault: ParserFault | undefined;
  #hasBytes = false;
  #line = "";
  #lineBudgetBytes = HEAD_BYTES_MAX;
  readonly #head = new HeadLines();
  #isKeptAlive = false;
  #bodyBytes = 0;
  /** How much of the declared length, or of the current chunk, is still missing. */
  #remainingBytes = 0;
  #blankLineCount = 0;
  /** Where the head began in the current chunk; -1 when it began in an earlier one. */
  #headStart = -1;

  constructor({ method, heads = new HeadCache(), body }: ParserOptions) {
    this.#method = method;
    this.#heads = heads;
    this.#body = body;
  }

  /** Forgets the last answer; the next byte is the first of another one. */
  reset(): void {
    this.#state = "status-line";
    this.#fault = undefined;
    this.#hasBytes = false;
    this.#line = "";
    this.#lineBudgetBytes = HEAD_BYTES_MAX;
    this.#head.reset();
    this.#bodyBytes = 0;
    this.#blankLineCount = 0;
  }

  get isComplete(): boolean {
    return this.#state === "complete";
  }

  /** Once set, it stays until `reset`. */
  get fault(): ParserFault | undefined {
    return this.#fault;
  }

  /** Whether any byte of this answer has arrived. */
  get hasBytes(): boolean {
    return this.#hasBytes;
  }

  get status(): number {
    return this.#head.statusLine.status;
  }

  get reasonPhrase(): string {
    return this.#head.statusLine.reasonPhrase;
  }

  /** By lower-case name, in the order received; repeated fields joined by ", ". */
  get fields(): ReadonlyMap<string, string> {
    return this.#head.fields;
  }

  /** The bytes of the body alone, without the framing of chunks. */
  get bodyBytes(): number {
    return this.#bodyBytes;
  }

  /** Bits of `oddityBit`; 0 for a correct answer. */
  get oddities(): number {
    return this.#head.oddities;
  }

  /** What the server says about the connection after this answer. */
  get isKeptAlive(): boolean {
    return this.#isKeptAlive;
  }

  /**
   * Reads from `at` up to `end` or to the end of the answer. Returns the index of the first byte that it
   * has not read, which is below `end` only when the answer is complete or has a fault.
   */
  read(chunk: Buffer, at: number, end: number): number {
    let next = at;
    if (at < end) {
      if (!this.#hasBytes) next = this.#readKnownHead(chunk, at, end);
      else this.#headStart = -1;
      this.#hasBytes = true;
    }
    while (next < end && this.#state !== "complete" && this.#fault === undefined) {
      next = this.#step(chunk, next, end);
    }
    return next;
  }

  /**
   * Reads empty lines after the end of an answer, up to `end`: they cannot be the start of another one.
   * Returns the index of the first other byte.
   */
  readBlankLines(chunk: Buffer, at: number, end: number): number {
    let next = at;
    const mostEnd = Math.min(end, at + 2 * BLANK_LINE_COUNT_MAX);
    while (next < mostEnd && (chunk[next] === 13 || chunk[next] === 10)) next++;
    if (next > at) this.noteBlankLine();
    return next;
  }

  noteBlankLine(): void {
    this.#head.oddities |= BLANK_LINE;
  }

  /** The server has closed its side, which completes an answer without a length and no other. */
  end(): void {
    switch (this.#state) {
      case "close-body":
        this.#complete();
        break;
      case "length-body": {
        const expectedBytes = this.#bodyBytes + this.#remainingBytes;
        this.#fail("wrong-length", `${this.#bodyBytes} of ${expectedBytes} bytes of the body came`);
        break;
      }
      case "status-line":
      case "field-line":
        this.#fail("closed-early", "the connection was closed before the head was complete");
        break;
      case "complete":
      case "failed":
        break;
      default:
        this.#fail("closed-early", "the connection was closed before the last chunk");
    }
  }

  #readKnownHead(chunk: Buffer, at: number, end: number): number {
    this.#headStart = at;
    const head = this.#heads.find(chunk, at, end);
    if (head === undefined) {
      this.#head.begin();
      return at;
    }
    this.#head.take(head.statusLine, head.fields, head.oddities);
    this.#isKeptAlive = head.isKeptAlive;
    this.#startBody(head.framing);
    return at + head.bytes.length;
  }

  /** Consumes some bytes from `at` and returns the index of the first one that is left. */
  #step(chunk: Buffer, at: number, end: number): number {
    switch (this.#state) {
      case "length-body":
      case "chunk-data":
        return this.#readCounted(chunk, at, end);
      case "close-body":
        this.#countBody(chunk, at, end);
        return end;
      default:
        return this.#readLine(chunk, at, end);
    }
  }

  #countBody(chunk: Buffer, at: number, end: number): void {
    this.#bodyBytes += end - at;
    this.#body?.push(chunk, at, end);
  }

  #readCounted(chunk: Buffer, at: number, end: number): number {
    const takenBytes = Math.min(this.#remainingBytes, end - at);
    this.#countBody(chunk, at, at + takenBytes);
    this.#remainingBytes -= takenBytes;
    if (this.#remainingBytes === 0) {
      if (this.#state === "length-body") this.#complete();
      else this.#expectLine("chunk-end", 2);
    }
    return at + takenBytes;
  }

  #readLine(chunk: Buffer, at: number, end: number): number {
    const found = chunk.indexOf(10, at);
    // The bytes after `end` are those of an earlier read.
    const feedIndex = found < end ? found : -1;
    const endIndex = feedIndex === -1 ? end : feedIndex + 1;
    // One byte more than allowed is enough to know that the line is too long; more is not copied.
    const takenBytes = Math.min(endIndex - at, this.#lineBudgetBytes + 1);
    this.#lineBudgetBytes -= takenBytes;
    this.#line += chunk.toString("latin1", at, at + takenBytes);
    if (this.#state === "status-line" && isBlank(this.#line)) {
      if (feedIndex !== -1) this.#onBlankLine(endIndex);
      return endIndex;
    }
    this.#hasBytes = true;
    if (this.#state === "status-line" && !hasVersionPrefix(this.#line)) {
      // Checked before the line is complete: a server of another protocol may never complete one.
      this.#fail("garbage", `the answer does not begin with ${VERSION_PREFIX}`);
    } else if (this.#lineBudgetBytes < 0) {
      const isChunkEnd = this.#state === "chunk-end";
      this.#fail("garbage", isChunkEnd ? "a chunk is longer than its size" : "a line is too long");
    } else if (feedIndex !== -1) {
      const line = this.#line;
      this.#line = "";
      const hasCr = line.endsWith("\r\n");
      const fault = this.#head.readLineEnd(line, hasCr, this.#state === "chunk-size");
      if (fault !== undefined) this.#fail("garbage", fault);
      else this.#onLine(line.slice(0, hasCr ? -2 : -1), chunk, endIndex);
    }
    return endIndex;
  }

  /** An empty line before the answer: it is forgotten, and the head begins after it. */
  #onBlankLine(endIndex: number): void {
    this.#line = "";
    this.#hasBytes = false;
    this.noteBlankLine();
    if (this.#headStart >= 0) this.#headStart = endIndex;
    if (++this.#blankLineCount > BLANK_LINE_COUNT_MAX) {
      this.#fail("garbage", "empty lines instead of an answer");
    }
  }

  #onLine(line: string, chunk: Buffer, endIndex: number): void {
    switch (this.#state) {
      case "status-line":
        this.#failIf(this.#head.readStatusLine(line));
        if (this.#fault === undefined) this.#state = "field-line";
        return;
      case "field-line":
        if (line === "") this.#onHeadEnd(chunk, endIndex);
        else this.#failIf(this.#head.readField(line));
        return;
      case "chunk-size":
        this.#onChunkSize(line);
        return;
      case "chunk-end":
        if (line === "") this.#expectLine("chunk-size", CHUNK_LINE_BYTES_MAX);
        else this.#fail("garbage", "a chunk is longer than its size");
        return;
      default:
        // Only the form of trailers is checked: no trailer field changes what is reported.
        if (line === "") {
          this.#complete();
          return;
        }
        if (parseFieldLine(line) === "malformed") this.#fail("garbage", "a malformed trailer");
    }
  }

  #onHeadEnd(chunk: Buffer, endIndex: number): void {
    const { statusLine, fields } = this.#head;
    if (statusLine.status < 200) {
      // RFC 9110 §15.2: an interim answer. The real one follows, within the same bound.
      this.#head.begin();
      this.#headStart = -1;
      this.#blankLineCount = BLANK_LINE_COUNT_MAX;
      this.#state = "status-line";
      return;
    }
    const framing = decideBodyFraming(this.#method, statusLine, fields);
    this.#isKeptAlive = framing.kind !== "until-close" && isKeptAlive(statusLine, fields);
    if (fields.get("content-length")?.includes(",")) this.#head.oddities |= REPEATED_LENGTH;
    if (this.#headStart >= 0 && framing.kind !== "garbage") {
      // Blank lines come before the head and are not part of it.
      const oddities = this.#head.oddities & ~BLANK_LINE;
      const known = { statusLine, fields, framing, isKeptAlive: this.#isKeptAlive, oddities };
      this.#heads.keep(chunk, this.#headStart, endIndex, known);
    }
    this.#startBody(framing);
  }

  #startBody(framing: BodyFraming): void {
    switch (framing.kind) {
      case "garbage":
        this.#fail("garbage", framing.detail);
        return;
      case "none":
        this.#complete();
        return;
      case "length":
        this.#remainingBytes = framing.bodyBytes;
        if (framing.bodyBytes === 0) {
          this.#complete();
          return;
        }
        this.#state = "length-body";
        return;
      case "chunked":
        this.#expectLine("chunk-size", CHUNK_LINE_BYTES_MAX);
        return;
      case "until-close":
        this.#state = "close-body";
    }
  }

  /** RFC 9112 §7.1. 12 hex digits fit into a number exactly. */
  #onChunkSize(line: string): void {
    const [, digits] = /^([0-9A-Fa-f]{1,12})(?:[\t ]*;[\t\x20-\x7e\x80-\xff]*)?$/.exec(line) ?? [];
    if (digits === undefined) {
      this.#fail("garbage", "a malformed chunk size");
      return;
    }
    this.#remainingBytes = Number.parseInt(digits, 16);
    if (this.#remainingBytes === 0) this.#expectLine("trailer-line", HEAD_BYTES_MAX);
    else this.#state = "chunk-data";
  }

  #expectLine(state: State, budgetBytes: number): void {
    this.#state = state;
    this.#lineBudgetBytes = budgetBytes;
  }

  #complete(): void {
    this.#state = "complete";
  }

  #failIf(fault: string | undefined): void {
    if (fault !== undefined) this.#fail("garbage", fault);
  }

  #fail(reason: ParserFault["reason"], detail: string): void {
    this.#state = "failed";
    this.#fault = { reason, detail };
  }
}

function hasVersionPrefix(line: string): boolean {
  const begin = line.slice(0, VERSION_PREFIX.length);
  return begin.toUpperCase() === VERSION_PREFIX.slice(0, begin.length);
}

function isBlank(line: string): boolean {
  return line === "\r" || line === "\r\n" || line === "\n";
}
