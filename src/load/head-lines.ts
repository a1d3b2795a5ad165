// The lines of a response head, one after the other: status line, fields, folded lines, and how they
// end. Says in a word what is wrong with one, and keeps what is odd about them. Used by
// response-parser.ts.

import { oddityBit } from "./oddity.ts";
import {
  isFraming,
  parseFieldLine,
  parseFolded,
  parseStatusLine,
  type StatusLine,
} from "./response-head.ts";

const ODD_STATUS_LINE = oddityBit("status-line");
export const ODD_LINE_END = oddityBit("line-end");
const FOLDED_FIELD = oddityBit("folded-field");
const SPACE_BEFORE_COLON = oddityBit("space-before-colon");
const MIXED_LINE_ENDS = "lines end in CR LF and in LF alone";

export const noStatusLine: StatusLine = { minorVersion: 1, status: 0, reasonPhrase: "" };
const noFields: ReadonlyMap<string, string> = new Map();

export class HeadLines {
  #statusLine = noStatusLine;
  #fields: ReadonlyMap<string, string> = noFields;
  #ownFields = new Map<string, string>();
  /** The field that a folded line goes on with. */
  #lastName = "";
  /** Undefined before the first line. Both in one head could be read in two ways. */
  #endsInLf: boolean | undefined;
  /** Bits of oddity.ts. */
  oddities = 0;

  get statusLine(): StatusLine {
    return this.#statusLine;
  }

  /** By lower-case name; repeated ones joined by ", ". */
  get fields(): ReadonlyMap<string, string> {
    return this.#fields;
  }

  /** Forgets the answer before; its fields stay until the first line of the next. */
  reset(): void {
    this.#statusLine = noStatusLine;
    this.#endsInLf = undefined;
    this.oddities = 0;
  }

  /** The head is one that is known already. */
  take(statusLine: StatusLine, fields: ReadonlyMap<string, string>, oddities: number): void {
    this.#statusLine = statusLine;
    this.#fields = fields;
    this.#endsInLf = (oddities & ODD_LINE_END) !== 0;
    this.oddities |= oddities;
  }

  /** The head is new, or an interim one is over. */
  begin(): void {
    this.#ownFields = new Map();
    this.#fields = this.#ownFields;
    this.#lastName = "";
  }

  /**
   * LF alone is taken where all lines of the answer end so, and nothing else can be meant: readers
   * differ in where a chunk extension ends. Returns what is wrong.
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

  /** RFC 9112 §5.2: a user agent reads the fold as a space. */
  #readFolded(line: string): string | undefined {
    const name = this.#lastName;
    const rest = parseFolded(line);
    if (rest === undefined || name === "" || isFraming(name)) return "a malformed header field";
    this.oddities |= FOLDED_FIELD;
    this.#ownFields.set(name, `${this.#ownFields.get(name)} ${rest}`.trim());
    return undefined;
  }
}
