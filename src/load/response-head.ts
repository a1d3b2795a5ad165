// The head of a response: its lines one after the other, what they say about the body and about the
// connection, and a cache of the latest heads. It follows RFC 9112, and also accepts what can be read in
// one way only, which it reports as odd. Used by response-parser.ts, which finds the lines.

/**
 * The ways in which an answer may break RFC 9112 and still can be read in one way only. Such an answer
 * counts, and the result says that it was odd. An answer that could be read in two ways is an error
 * instead, because on a connection with several requests the next answer might begin elsewhere. The
 * parser keeps the oddities of an answer as one number, one bit for each kind.
 */
export const ODDITY_KINDS = [
  "status-line",
  "line-end",
  "repeated-length",
  "folded-field",
  "space-before-colon",
  "blank-line",
] as const;

export type OddityKind = (typeof ODDITY_KINDS)[number];

/** The bit that stands for one kind of oddity. */
export function oddityBit(kind: OddityKind): number {
  return 1 << ODDITY_KINDS.indexOf(kind);
}

/** The kinds whose bits are set. */
export function listOddities(bits: number): OddityKind[] {
  return ODDITY_KINDS.filter((kind) => (bits & oddityBit(kind)) !== 0);
}

/** How many answers were odd, and how many in which way. */
export interface OddCounts {
  answers: number;
  /** Only kinds that occurred. */
  readonly byKind: Map<OddityKind, number>;
}

/** No odd answer yet. */
export function newOddCounts(): OddCounts {
  return { answers: 0, byKind: new Map() };
}

/** Counts one odd answer; `bits` are its oddities. */
export function countOddities(counts: OddCounts, bits: number): void {
  counts.answers++;
  for (const kind of listOddities(bits)) {
    counts.byKind.set(kind, (counts.byKind.get(kind) ?? 0) + 1);
  }
}

export type LoadMethod = "GET" | "HEAD";

export interface StatusLine {
  readonly minorVersion: 0 | 1;
  readonly status: number;
  readonly reasonPhrase: string;
}

export interface Field {
  /** Lower case. */
  readonly name: string;
  readonly value: string;
}

export type BodyFraming =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly bodyBytes: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "until-close" }
  | { readonly kind: "garbage"; readonly detail: string };

const STRICT_STATUS_LINE = /^HTTP\/1\.[01] [1-9]\d\d [\t\x20-\x7e\x80-\xff]*$/;
/** RFC 9112 §4 lets a reader split at any white space. */
const STATUS_LINE = /^HTTP\/1\.([01])[\t ]+([1-9]\d\d)(?:[\t ]+([\t\x20-\x7e\x80-\xff]*))?$/i;

/** Odd when it is in lower case, or lacks the blank that even an empty reason needs. */
export function parseStatusLine(
  line: string,
): (StatusLine & { readonly isOdd: boolean }) | "malformed" {
  const [, minor, digits, reasonPhrase = ""] = STATUS_LINE.exec(line) ?? [];
  if (digits === undefined) return "malformed";
  const isOdd = !STRICT_STATUS_LINE.test(line);
  return { minorVersion: minor === "0" ? 0 : 1, status: Number(digits), reasonPhrase, isOdd };
}

/** The fields that decide where a body ends. They are read strictly or not at all. */
function isFraming(name: string): boolean {
  return name === "content-length" || name === "transfer-encoding";
}

/** RFC 9112 §5: no control characters. A space before the colon is odd, and an error if `isFraming`. */
export function parseFieldLine(line: string): (Field & { readonly isOdd: boolean }) | "malformed" {
  const [, rawName, space, value] =
    /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)([\t ]*):[\t ]*([\t\x20-\x7e\x80-\xff]*)$/.exec(line) ?? [];
  if (rawName === undefined || value === undefined) return "malformed";
  const name = rawName.toLowerCase();
  const isOdd = space !== "";
  if (isOdd && isFraming(name)) return "malformed";
  return { name, value: value.replace(/[\t ]+$/, ""), isOdd };
}

/** A line that continues the field before it (RFC 9112 §5.2); undefined when it is malformed. */
function parseFolded(line: string): string | undefined {
  return /^[\t ]+([\t\x20-\x7e\x80-\xff]*?)[\t ]*$/.exec(line)?.[1];
}

/** RFC 9112 §6.3, in its order. `fields` is keyed by lower-case name, repeated ones joined by ", ". */
export function decideBodyFraming(
  method: LoadMethod,
  { status, minorVersion }: StatusLine,
  fields: ReadonlyMap<string, string>,
): BodyFraming {
  const coding = fields.get("transfer-encoding");
  const lengths = fields.get("content-length")?.split(/[\t ]*,[\t ]*/);
  const length = lengths?.[0];
  // RFC 9110 §8.6: the same length several times is one length, different lengths are none.
  if (lengths?.some((each) => each !== length || !/^\d{1,15}$/.test(each))) {
    return { kind: "garbage", detail: "the Content-Length is not one number" };
  }
  if (coding !== undefined) {
    if (length !== undefined) {
      return { kind: "garbage", detail: "both Content-Length and Transfer-Encoding" };
    }
    if (coding.toLowerCase() !== "chunked" || minorVersion === 0) {
      return { kind: "garbage", detail: "a Transfer-Encoding that was not asked for" };
    }
  }
  if (method === "HEAD" || status === 204 || status === 304) return { kind: "none" };
  if (coding !== undefined) return { kind: "chunked" };
  if (length !== undefined) return { kind: "length", bodyBytes: Number(length) };
  return { kind: "until-close" };
}

/** RFC 9112 §9.3: what the server says about the connection after this answer. */
export function isKeptAlive(
  { minorVersion }: StatusLine,
  fields: ReadonlyMap<string, string>,
): boolean {
  const options = (fields.get("connection") ?? "").toLowerCase().split(/[\t ]*,[\t ]*/);
  if (options.includes("close")) return false;
  return minorVersion === 1 || options.includes("keep-alive");
}

const ODD_STATUS_LINE = oddityBit("status-line");
const ODD_LINE_END = oddityBit("line-end");
const FOLDED_FIELD = oddityBit("folded-field");
const SPACE_BEFORE_COLON = oddityBit("space-before-colon");
const MIXED_LINE_ENDS = "lines end in CR LF and in LF alone";

const NO_STATUS_LINE: StatusLine = { minorVersion: 1, status: 0, reasonPhrase: "" };
const NO_FIELDS: ReadonlyMap<string, string> = new Map();

/** Reads the lines of a head one after the other, and keeps what is odd about them. */
export class HeadLines {
  #statusLine = NO_STATUS_LINE;
  #fields: ReadonlyMap<string, string> = NO_FIELDS;
  #ownFields = new Map<string, string>();
  /** The field that a folded line continues. */
  #lastName = "";
  /** Undefined before the first line. A head with both line ends could be read in two ways. */
  #endsInLf: boolean | undefined;
  /** Bits of `oddityBit`. */
  oddities = 0;

  get statusLine(): StatusLine {
    return this.#statusLine;
  }

  /** By lower-case name; repeated ones joined by ", ". */
  get fields(): ReadonlyMap<string, string> {
    return this.#fields;
  }

  /** Forgets the last answer. Its fields stay until the first line of the next one. */
  reset(): void {
    this.#statusLine = NO_STATUS_LINE;
    this.#endsInLf = undefined;
    this.oddities = 0;
  }

  /** The head is a known one. */
  take(statusLine: StatusLine, fields: ReadonlyMap<string, string>, oddities: number): void {
    this.#statusLine = statusLine;
    this.#fields = fields;
    this.#endsInLf = (oddities & ODD_LINE_END) !== 0;
    this.oddities |= oddities;
  }

  /** A new head begins, or an interim one is over. */
  begin(): void {
    this.#ownFields = new Map();
    this.#fields = this.#ownFields;
    this.#lastName = "";
  }

  /**
   * LF alone is accepted when all lines of the answer end in it and it can mean nothing else. Readers
   * differ about where a chunk extension ends. Returns what is wrong.
   */
  readLineEnd(line: string, hasCr: boolean, isChunkSize: boolean): string | undefined {
    this.#endsInLf ??= !hasCr;
    if (this.#endsInLf === hasCr) return MIXED_LINE_ENDS;
    if (hasCr) return undefined;
    if (isChunkSize && line.includes(";")) return "a line does not end with CR LF";
    this.oddities |= ODD_LINE_END;
    return undefined;
  }

  /** Returns what is wrong. */
  readStatusLine(line: string): string | undefined {
    const statusLine = parseStatusLine(line);
    if (statusLine === "malformed") return "a malformed status line";
    if (statusLine.status === 101) return "status 101 was not asked for";
    if (statusLine.isOdd) this.oddities |= ODD_STATUS_LINE;
    this.#statusLine = statusLine;
    return undefined;
  }

  /** Returns what is wrong. */
  readField(line: string): string | undefined {
    if (line.startsWith(" ") || line.startsWith("\t")) return this.#readFolded(line);
    const field = parseFieldLine(line);
    if (field === "malformed") return "a malformed header field";
    if (field.isOdd) this.oddities |= SPACE_BEFORE_COLON;
    const { name, value } = field;
    const earlier = this.#ownFields.get(name);
    this.#ownFields.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
    this.#lastName = name;
    return undefined;
  }

  /** RFC 9112 §5.2: a user agent replaces the fold by a space. */
  #readFolded(line: string): string | undefined {
    const name = this.#lastName;
    const rest = parseFolded(line);
    if (rest === undefined || name === "" || isFraming(name)) return "a malformed header field";
    this.oddities |= FOLDED_FIELD;
    this.#ownFields.set(name, `${this.#ownFields.get(name)} ${rest}`.trim());
    return undefined;
  }
}

/** With more, each answer whose head is always new would cost more comparisons. */
const HEAD_COUNT_MAX = 4;
/** Longer heads are rare, and keeping them costs more. */
const HEAD_BYTES_MAX = 2048;

interface KnownHead {
  readonly bytes: Buffer;
  readonly statusLine: StatusLine;
  /** By lower-case name. */
  readonly fields: ReadonlyMap<string, string>;
  readonly framing: BodyFraming;
  readonly isKeptAlive: boolean;
  /** Bits of `oddityBit`. */
  readonly oddities: number;
}

/**
 * The latest heads, byte for byte. A server sends the same head again and again until its Date changes:
 * a head that is one of these is compared and not parsed. All connections of a thread share one cache.
 */
export class HeadCache {
  readonly #heads: KnownHead[] = [];
  #nextIndex = 0;

  /** The known head that begins at `at` in `chunk` and is complete there. */
  find(chunk: Buffer, at: number, end: number): KnownHead | undefined {
    for (const head of this.#heads) {
      const headEnd = at + head.bytes.length;
      if (headEnd > end) continue;
      if (chunk.compare(head.bytes, 0, head.bytes.length, at, headEnd) === 0) return head;
    }
    return undefined;
  }

  /** Keeps a copy of the bytes in place of the oldest head. */
  keep(chunk: Buffer, at: number, end: number, head: Omit<KnownHead, "bytes">): void {
    if (end - at > HEAD_BYTES_MAX) return;
    this.#heads[this.#nextIndex] = { bytes: Buffer.from(chunk.subarray(at, end)), ...head };
    this.#nextIndex = (this.#nextIndex + 1) % HEAD_COUNT_MAX;
  }
}
