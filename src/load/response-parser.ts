// Incremental HTTP/1.1 response parser: bytes in, a progress word out, wherever the bytes are cut.
// One parser reads one answer. Strict: what it cannot read for certain is `garbage`. It counts the
// body and does not keep it. Used by client-connection.ts; knows nothing of sockets.

import {
  type BodyFraming,
  decideBodyFraming,
  isKeptAlive,
  type LoadMethod,
  parseFieldLine,
  parseStatusLine,
  type StatusLine,
} from "./response-head.ts";

/** Status line and fields, and again for the trailers: four times what common servers send. */
export const headBytesMax = 64 * 1024;
/** A size in hex and a few extensions, which nobody sends. */
export const chunkLineBytesMax = 4096;

export interface ParsedResponse {
  readonly status: number;
  readonly reasonPhrase: string;
  /** By lower-case name, in the order received; repeated fields joined by ", ". */
  readonly fields: ReadonlyMap<string, string>;
  /** Of the body alone, without the framing of chunks. */
  readonly bodyBytes: number;
  readonly isKeptAlive: boolean;
}

export type ParserProgress =
  | { readonly kind: "incomplete" }
  | { readonly kind: "complete"; readonly response: ParsedResponse }
  | {
      readonly kind: "failed";
      readonly reason: "garbage" | "wrong-length" | "closed-early";
      readonly detail: string;
    };

type Failed = Extract<ParserProgress, { kind: "failed" }>;

type State =
  | "status-line"
  | "field-line"
  | "length-body"
  | "chunk-size"
  | "chunk-data"
  | "chunk-end"
  | "trailer-line"
  | "close-body"
  | "done"
  | "failed";

const versionPrefix = "HTTP/1.";
const incomplete: ParserProgress = { kind: "incomplete" };

export class ResponseParser {
  readonly #method: LoadMethod;
  #state: State = "status-line";
  #progress: ParserProgress = incomplete;
  #line = "";
  #lineBudgetBytes = headBytesMax;
  #statusLine: StatusLine | undefined;
  #fields = new Map<string, string>();
  #bodyBytes = 0;
  /** Of the declared length, or of the current chunk. */
  #remainingBytes = 0;

  constructor(method: LoadMethod) {
    this.#method = method;
  }

  /**
   * Takes the next bytes. Bytes after a complete answer turn it into `wrong-length`: nothing more
   * was asked for. Once failed, it stays so.
   */
  push(chunk: Buffer): ParserProgress {
    let at = 0;
    while (at < chunk.length && this.#state !== "failed") at = this.#step(chunk, at);
    return this.#progress;
  }

  /** The server has closed its side: that completes an answer without a length, and no other. */
  end(): ParserProgress {
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
      case "done":
      case "failed":
        break;
      default:
        this.#fail("closed-early", "the connection was closed before the last chunk");
    }
    return this.#progress;
  }

  /** Consumes some bytes from `at` and returns the index of the first one that is left. */
  #step(chunk: Buffer, at: number): number {
    switch (this.#state) {
      case "length-body":
      case "chunk-data":
        return this.#readCounted(chunk, at);
      case "close-body":
        this.#bodyBytes += chunk.length - at;
        return chunk.length;
      case "done":
        this.#fail("wrong-length", "more bytes came after the end of the answer");
        return chunk.length;
      default:
        return this.#readLine(chunk, at);
    }
  }

  #readCounted(chunk: Buffer, at: number): number {
    const takenBytes = Math.min(this.#remainingBytes, chunk.length - at);
    this.#bodyBytes += takenBytes;
    this.#remainingBytes -= takenBytes;
    if (this.#remainingBytes === 0) {
      if (this.#state === "length-body") this.#complete();
      else this.#expectLine("chunk-end", 2);
    }
    return at + takenBytes;
  }

  #readLine(chunk: Buffer, at: number): number {
    const feedIndex = chunk.indexOf(10, at);
    const endIndex = feedIndex === -1 ? chunk.length : feedIndex + 1;
    // One byte more than allowed is enough to know, and no more is copied.
    const takenBytes = Math.min(endIndex - at, this.#lineBudgetBytes + 1);
    this.#lineBudgetBytes -= takenBytes;
    this.#line += chunk.toString("latin1", at, at + takenBytes);
    if (this.#state === "status-line" && !hasVersionPrefix(this.#line)) {
      // Not left until the line is complete: a server of another protocol may never send one.
      this.#fail("garbage", `the answer does not begin with ${versionPrefix}`);
    } else if (this.#lineBudgetBytes < 0) {
      const isChunkEnd = this.#state === "chunk-end";
      this.#fail("garbage", isChunkEnd ? "a chunk is longer than its size" : "a line is too long");
    } else if (feedIndex !== -1) {
      const line = this.#line;
      this.#line = "";
      if (line.endsWith("\r\n")) this.#onLine(line.slice(0, -2));
      else this.#fail("garbage", "a line does not end with CR LF");
    }
    return endIndex;
  }

  #onLine(line: string): void {
    switch (this.#state) {
      case "status-line":
        this.#onStatusLine(line);
        return;
      case "field-line":
        if (line === "") this.#onHeadEnd();
        else this.#onFieldLine(line);
        return;
      case "chunk-size":
        this.#onChunkSize(line);
        return;
      case "chunk-end":
        // Its budget of two bytes lets nothing but the CR LF through.
        this.#expectLine("chunk-size", chunkLineBytesMax);
        return;
      default:
        // Trailers are read for their form only: no field of a trailer changes what is reported.
        if (line === "") {
          this.#complete();
          return;
        }
        if (parseFieldLine(line) === "malformed") this.#fail("garbage", "a malformed trailer");
    }
  }

  #onStatusLine(line: string): void {
    const statusLine = parseStatusLine(line);
    if (statusLine === "malformed") {
      this.#fail("garbage", "a malformed status line");
      return;
    }
    if (statusLine.status === 101) {
      this.#fail("garbage", "status 101 was not asked for");
      return;
    }
    this.#statusLine = statusLine;
    this.#state = "field-line";
  }

  #onFieldLine(line: string): void {
    const field = parseFieldLine(line);
    if (field === "malformed") {
      this.#fail("garbage", "a malformed header field");
      return;
    }
    const earlier = this.#fields.get(field.name);
    this.#fields.set(
      field.name,
      earlier === undefined ? field.value : `${earlier}, ${field.value}`,
    );
  }

  #onHeadEnd(): void {
    if (this.#statusLine!.status < 200) {
      // RFC 9110 §15.2: an interim answer; the real one follows, within the same bound.
      this.#fields = new Map();
      this.#state = "status-line";
      return;
    }
    this.#startBody(decideBodyFraming(this.#method, this.#statusLine!, this.#fields));
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
        this.#expectLine("chunk-size", chunkLineBytesMax);
        return;
      case "until-close":
        this.#state = "close-body";
    }
  }

  /** RFC 9112 §7.1; 12 hex digits stay exact in a number. */
  #onChunkSize(line: string): void {
    const [, digits] = /^([0-9A-Fa-f]{1,12})(?:[\t ]*;[\t\x20-\x7e\x80-\xff]*)?$/.exec(line) ?? [];
    if (digits === undefined) {
      this.#fail("garbage", "a malformed chunk size");
      return;
    }
    this.#remainingBytes = Number.parseInt(digits, 16);
    if (this.#remainingBytes === 0) this.#expectLine("trailer-line", headBytesMax);
    else this.#state = "chunk-data";
  }

  #expectLine(state: State, budgetBytes: number): void {
    this.#state = state;
    this.#lineBudgetBytes = budgetBytes;
  }

  #complete(): void {
    const { status, reasonPhrase } = this.#statusLine!;
    const isDelimited = this.#state !== "close-body";
    this.#state = "done";
    this.#progress = {
      kind: "complete",
      response: {
        status,
        reasonPhrase,
        fields: this.#fields,
        bodyBytes: this.#bodyBytes,
        isKeptAlive: isDelimited && isKeptAlive(this.#statusLine!, this.#fields),
      },
    };
  }

  #fail(reason: Failed["reason"], detail: string): void {
    this.#state = "failed";
    this.#progress = { kind: "failed", reason, detail };
  }
}

function hasVersionPrefix(line: string): boolean {
  return line.startsWith(versionPrefix.slice(0, line.length));
}
