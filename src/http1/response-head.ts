// The head of a response as text (RFC 9112 §4): the only place that turns fields into lines, and that
// sees to it that no value ends its line. Pure but for the Date, which is formatted once a second for
// all answers.

import { formatHttpDate } from "../http/field-values.ts";
import { type Fields, type Reply, reasonOf, type UseFields } from "../http/reply.ts";
import type { ResponseForm } from "../http/request.ts";
import type { HttpLimits } from "../transport/engine.ts";

/** How the end of a body is told (RFC 9112 §6.3). */
export type Framing = "none" | "length" | "chunked" | "close";

/** Whether an answer of that status never has a body (RFC 9110 §15.3.5, §15.4.5). */
export function isBodiless(status: number): boolean {
  return status === 204 || status === 304;
}

/** @param form undefined when the request line could not be read */
export function decideFraming(form: ResponseForm | undefined, reply: Reply): Framing {
  if (isBodiless(reply.status)) return "none";
  if (reply.body.kind !== "parts") return "length";
  return form?.minorVersion === 1 ? "chunked" : "close";
}

/** Bytes of a reply's body; those of a body made of parts are not known before they are made. */
export function bodyLengthBytes(reply: Reply): number {
  switch (reply.body.kind) {
    case "bytes":
      return reply.body.bytes.length;
    case "source":
      return reply.body.lengthBytes;
    default:
      return 0;
  }
}

/**
 * What a value must not hold: control characters, which could end the line and begin another, and what
 * Latin-1 does not have (RFC 9110 §5.5 knows visible ASCII and obs-text).
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNSAFE = /[\x00-\x1f\x7f]|[^\x00-\xff]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const CONTROL = /[\x00-\x1f\x7f]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what Latin-1 begins with
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

/** The fields of one use of a reply as lines. */
export function formatUseFields(use: UseFields): string {
  const number = String(use.count).padStart(use.digitsMin, "0");
  return `${formatUseFieldsBefore(use)}${number}${use.after}\r\n`;
}

/** The same, up to the number. */
export function formatUseFieldsBefore({ others, name, before }: UseFields): string {
  return `${formatFields(others)}${name}: ${before}`;
}

/** nosniff: a type that we state is not to be guessed, above all for text from strangers. */
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

  /** @param moreFields for every answer, beside those that every answer of weir has */
  constructor(limits: HttpLimits, wallMs: () => number, moreFields: Fields = []) {
    const seconds = Math.floor(limits.idleTimeoutMs / 1000);
    this.#keepAliveFields = `Connection: keep-alive\r\nKeep-Alive: timeout=${seconds}\r\n`;
    this.#everyAnswer = formatFields([...EVERY_ANSWER, ...moreFields]);
    this.#wallMs = wallMs;
  }

  /** The whole head. */
  format(reply: Reply, use: UseFields | undefined, framing: Framing, keepAlive: boolean): string {
    const last = use === undefined ? "" : formatUseFields(use);
    return `${this.formatBeginning(reply, framing, keepAlive)}${last}\r\n`;
  }

  /** The head up to what differs between two uses of the reply; the date in it is `dateFields()`. */
  formatBeginning(reply: Reply, framing: Framing, keepAlive: boolean): string {
    const { status, fields } = reply;
    let head = `HTTP/1.1 ${status} ${reasonOf(status)}\r\n${this.dateFields()}${formatFields(fields)}`;
    if (framing === "length") head += `Content-Length: ${bodyLengthBytes(reply)}\r\n`;
    else if (framing === "chunked") head += "Transfer-Encoding: chunked\r\n";
    return `${head}${keepAlive ? this.#keepAliveFields : "Connection: close\r\n"}`;
  }

  /** Date and what else every answer has: the same string for a whole second. */
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
