// The head of a response as text (RFC 9112 §4). Pure but for the Date, which is formatted once a
// second for all answers.

import { formatCountedField } from "./counted-field.ts";
import { formatHttpDate } from "./http-date.ts";
import type { HttpLimits } from "./http-limits.ts";
import type { FieldLines, Reply } from "./reply.ts";
import type { ResponseForm } from "./request.ts";
import { reasonOf } from "./status.ts";

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

/** nosniff: a type that we state is not to be guessed again, above all for text from strangers. */
const EVERY_ANSWER = "Server: weir\r\nX-Content-Type-Options: nosniff\r\n";

export class ResponseHeadFormatter {
  private readonly keepAliveFields: string;
  private readonly everyAnswer: FieldLines;
  private readonly wallMs: () => number;
  private dateSecond = Number.NaN;
  private dateText = "";

  /** @param moreFields for every answer, beside those that every answer of weir has */
  constructor(limits: HttpLimits, wallMs: () => number, moreFields: FieldLines = "") {
    const seconds = Math.floor(limits.idleTimeoutMs / 1000);
    this.keepAliveFields = `Connection: keep-alive\r\nKeep-Alive: timeout=${seconds}\r\n`;
    this.everyAnswer = EVERY_ANSWER + moreFields;
    this.wallMs = wallMs;
  }

  /** The whole head. */
  format(reply: Reply, framing: Framing, keepAlive: boolean): string {
    const last = reply.counted === undefined ? "" : formatCountedField(reply.counted);
    return `${this.formatBeginning(reply, framing, keepAlive)}${last}\r\n`;
  }

  /** The head up to what differs between two uses of the reply; the date in it is `dateFields()`. */
  formatBeginning(reply: Reply, framing: Framing, keepAlive: boolean): string {
    const { status } = reply;
    let head = `HTTP/1.1 ${status} ${reasonOf(status)}\r\n${this.dateFields()}${reply.fields}`;
    if (framing === "length") head += `Content-Length: ${bodyLengthBytes(reply)}\r\n`;
    else if (framing === "chunked") head += "Transfer-Encoding: chunked\r\n";
    return `${head}${keepAlive ? this.keepAliveFields : "Connection: close\r\n"}`;
  }

  /** Date and what else every answer has: the same string for a whole second. */
  dateFields(): FieldLines {
    const wallMs = this.wallMs();
    const second = Math.floor(wallMs / 1000);
    if (second !== this.dateSecond) {
      this.dateSecond = second;
      this.dateText = `Date: ${formatHttpDate(wallMs)}\r\n${this.everyAnswer}`;
    }
    return this.dateText;
  }
}
