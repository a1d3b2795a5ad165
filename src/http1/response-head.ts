// The head of a response as text (RFC 9112 §4), and how the end of its body is marked. This is the only place
// that turns fields into lines, and it makes sure that no value ends its line. Pure but for Date, which is
// formatted once a second for all answers.

import { formatHttpDate } from "../http/field-values.ts";
import { type Fields, type Reply, reasonOf, type UseFields } from "../http/reply.ts";
import type { HttpLimits } from "../transport/engine.ts";
import type { ResponseForm } from "./request-line.ts";

/** How a body's end is marked (RFC 9112 §6.3): by its length in bytes, its last chunk or the connection's end. */
export type Framing = number | "none" | "chunked" | "close";

/** @param form undefined when the request line could not be read */
export function decideFraming({ status, body }: Reply, form: ResponseForm | undefined): Framing {
  // These never have a body (RFC 9110 §15.3.5, §15.4.5).
  if (status === 204 || status === 304) return "none";
  switch (body.kind) {
    case "none":
      return 0;
    case "bytes":
      return body.bytes.length;
    case "source":
      return body.lengthBytes;
    case "parts":
      return form?.protocol === "HTTP/1.1" ? "chunked" : "close";
  }
}

/**
 * What no line may have: control characters, which could end it and begin another one, and characters that
 * Latin-1 does not have (RFC 9110 §5.5 knows visible ASCII and obs-text).
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern looks for them
const UNSAFE = /[\x00-\x1f\x7f]|[^\x00-\xff]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern replaces them
const CONTROL = /[\x00-\x1f\x7f]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: Latin-1 begins with them
const BEYOND_LATIN_1 = /[^\x00-\xff]/gu;

/** Lines of fields, each with its CRLF. Control characters become spaces, other alphabets become "?". */
export function formatFields(fields: Fields): string {
  let lines = "";
  for (const [name, value] of fields) {
    const line = `${name}: ${value}`;
    lines += `${UNSAFE.test(line) ? makeSafe(line) : line}\r\n`;
  }
  return lines;
}

function makeSafe(line: string): string {
  return line.replaceAll(CONTROL, " ").replaceAll(BEYOND_LATIN_1, "?");
}

/** nosniff: browsers must not guess another type than we state, above all for text from strangers. */
const EVERY_ANSWER: Fields = [
  ["Server", "weir"],
  ["X-Content-Type-Options", "nosniff"],
];

export class ResponseHeadFormatter {
  readonly #keepAliveFields: string;
  readonly #everyAnswer: string;
  readonly #wallMs: () => number;
  #dateSecond = Number.NaN;
  #dateText = "";

  /** @param moreFields for every answer, in addition to those that every answer of weir has */
  constructor(limits: HttpLimits, wallMs: () => number, moreFields: Fields = []) {
    const seconds = Math.floor(limits.idleTimeoutMs / 1000);
    this.#keepAliveFields = `Connection: keep-alive\r\nKeep-Alive: timeout=${seconds}\r\n`;
    this.#everyAnswer = formatFields([...EVERY_ANSWER, ...moreFields]);
    this.#wallMs = wallMs;
  }

  /**
   * The whole head. It begins with the same text for all uses of a reply within one second, and ends with the
   * fields of the one use: their last line is the one with the number.
   */
  format(reply: Reply, use: UseFields | undefined, framing: Framing, keepAlive: boolean): string {
    const { status, fields } = reply;
    let head = `HTTP/1.1 ${status} ${reasonOf(status)}\r\n${this.dateFields()}${formatFields(fields)}`;
    if (typeof framing === "number") head += `Content-Length: ${framing}\r\n`;
    else if (framing === "chunked") head += "Transfer-Encoding: chunked\r\n";
    head += keepAlive ? this.#keepAliveFields : "Connection: close\r\n";
    if (use !== undefined) {
      const { others, name, before, count, digitsMin, after } = use;
      const number = String(count).padStart(digitsMin, "0");
      head += `${formatFields(others)}${name}: ${before}${number}${after}\r\n`;
    }
    return `${head}\r\n`;
  }

  /** Date and the other fields of every answer: the same string for a whole second. */
  dateFields(): string {
    const wallMs = this.#wallMs();
    const second = Math.floor(wallMs / 1000);
    if (second !== this.#dateSecond) {
      this.#dateSecond = second;
      this.#dateText = `Date: ${formatHttpDate(wallMs)}\r\n${this.#everyAnswer}`;
    }
    return this.#dateText;
  }
}
