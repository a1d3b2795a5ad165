// Writes one reply as HTTP/1.1: its head, and its body framed by a length, by chunks or by the end of the
// connection. One writer for each thread: it keeps what it has serialised. The transport sends bodies piece
// by piece. Used by connection.ts.

import {
  type BodyPart,
  closeBody,
  type Fields,
  type Reply,
  type UseFields,
} from "../http/reply.ts";
import type { HttpLimits, Sent } from "../transport/engine.ts";
import type { Transport } from "../transport/transport.ts";
import type { ResponseForm } from "./request-line.ts";
import { decideFraming, ResponseHeadFormatter } from "./response-head.ts";
import { SERIALISED_BODY_BYTES_MAX, SerialisedResponses } from "./serialised-response.ts";

const EMPTY = Buffer.alloc(0);
const LINE_END = Buffer.from("\r\n");
/** Larger bodies leave in pieces, so that the transport sees whether their client reads. */
const IMMEDIATE_BODY_BYTES_MAX = SERIALISED_BODY_BYTES_MAX;
/** Copying this many bytes costs about as much as a second piece of a write. */
const COPIED_BODY_BYTES_MAX = 16 * 1024;

/** An answer that was written. */
export interface Written extends Sent {
  /** Whether the transport has said that all of it has left. */
  readonly hasLeft: boolean;
}

export class ResponseWriter {
  readonly #formatter: ResponseHeadFormatter;
  readonly #serialised = new SerialisedResponses();

  /** @param moreFields for every answer, in addition to those that every answer of weir has */
  constructor(limits: HttpLimits, wallMs: () => number, moreFields: Fields = []) {
    this.#formatter = new ResponseHeadFormatter(limits, wallMs, moreFields);
  }

  /**
   * Writes a reply in one go, if nothing of it has to be waited for. The transport may hold it until the
   * client takes it.
   * @param form undefined when the request line could not be read
   * @param isAlone no other answer waits to leave together with this one
   * @returns undefined when the body is too long for that, or still has to be read or made
   */
  writeNow(
    transport: Transport,
    reply: Reply,
    use: UseFields | undefined,
    form: ResponseForm | undefined,
    keepAlive: boolean,
    isAlone: boolean,
  ): Written | undefined {
    const { status, body } = reply;
    const isHead = form?.method === "HEAD";
    if (body.kind === "bytes") {
      if (body.bytes.length > IMMEDIATE_BODY_BYTES_MAX && !isHead) return undefined;
    } else if (body.kind !== "none") {
      return undefined;
    }
    if (reply.isShared === true && keepAlive && isAlone && !isHead) {
      // The bytes of its last use, in which nothing but a number differs; or new ones.
      const response = this.#serialised.of(reply, use);
      const date = this.#formatter.dateFields();
      let bytes = response.take(date, use);
      if (bytes === undefined) {
        const framing = decideFraming(reply, form);
        const head = this.#formatter.format(reply, use, framing, true);
        const hasBody = body.kind === "bytes" && framing !== "none";
        bytes = response.make(head, date, use, hasBody ? body.bytes : EMPTY);
      }
      const hasLeft = transport.write(bytes);
      if (!hasLeft) response.forget();
      return { status, bodyBytes: response.bodyBytes, isComplete: true, hasLeft };
    }
    const framing = decideFraming(reply, form);
    const head = this.#formatter.format(reply, use, framing, keepAlive);
    const hasBody = body.kind === "bytes" && framing !== "none" && !isHead;
    const bytes = hasBody ? body.bytes : EMPTY;
    let hasLeft = false;
    if (bytes.length === 0) {
      hasLeft = transport.write(head);
    } else if (bytes.length <= COPIED_BODY_BYTES_MAX) {
      const all = Buffer.allocUnsafe(head.length + bytes.length);
      all.write(head, 0, "latin1");
      bytes.copy(all, head.length);
      hasLeft = transport.write(all);
    } else {
      transport.hold();
      transport.write(head);
      transport.write(bytes);
      transport.release();
    }
    return { status, bodyBytes: bytes.length, isComplete: true, hasLeft };
  }

  /**
   * Writes any other reply. Closes the source of its body, whatever happens.
   * @param onMade called when the first bytes of the answer are there and leave
   * @throws what reading or making the body throws before anything has been written
   */
  async write(
    transport: Transport,
    reply: Reply,
    use: UseFields | undefined,
    form: ResponseForm,
    keepAlive: boolean,
    onMade: () => void,
  ): Promise<Written> {
    const { status, body } = reply;
    try {
      const framing = decideFraming(reply, form);
      const head = this.#formatter.format(reply, use, framing, keepAlive);
      if (body.kind === "none" || framing === 0 || framing === "none" || form.method === "HEAD") {
        return { status, bodyBytes: 0, isComplete: true, hasLeft: transport.write(head) };
      }
      if (body.kind === "parts") {
        return await writeParts(transport, status, head, body.parts, framing === "chunked", onMade);
      }
      if (body.kind === "bytes") onMade();
      const bodyBytes = await (body.kind === "bytes"
        ? transport.sendBytes(head, body.bytes)
        : transport.sendSource(head, body, onMade));
      return { status, bodyBytes, isComplete: bodyBytes === framing, hasLeft: false };
    } finally {
      closeBody(body);
    }
  }
}

/** @throws what making the first part throws; later the body just ends short */
async function writeParts(
  transport: Transport,
  status: number,
  head: string,
  parts: Iterable<BodyPart> | AsyncIterable<BodyPart>,
  isChunked: boolean,
  onMade: () => void,
): Promise<Written> {
  let text = head;
  let bodyBytes = 0;
  try {
    for await (const part of parts) {
      // Nothing more is made for a client that has left.
      if (transport.isGone) return { status, bodyBytes, isComplete: false, hasLeft: false };
      if (part.length === 0) continue;
      const partBytes = Buffer.byteLength(part);
      if (bodyBytes === 0) onMade();
      const sending = transport.send(toPieces(text, part, partBytes, isChunked));
      text = "";
      bodyBytes += partBytes;
      const isTaken = typeof sending === "boolean" ? sending : await sending;
      if (!isTaken) return { status, bodyBytes, isComplete: false, hasLeft: false };
    }
  } catch (error) {
    if (bodyBytes === 0) throw error;
    return { status, bodyBytes, isComplete: false, hasLeft: false };
  }
  const end = isChunked ? `${text}0\r\n\r\n` : text;
  if (end !== "") transport.write(end);
  return { status, bodyBytes, isComplete: !transport.isGone, hasLeft: false };
}

/** The pieces that one part of a body leaves in, with the head before the first. */
function toPieces(text: string, part: BodyPart, partBytes: number, isChunked: boolean): Buffer[] {
  const bytes = typeof part === "string" ? Buffer.from(part) : part;
  if (!isChunked && text === "") return [bytes];
  const before = Buffer.from(isChunked ? `${text}${partBytes.toString(16)}\r\n` : text, "latin1");
  const end = isChunked ? LINE_END : EMPTY;
  // A copy of a small part costs less than a second piece. A large one would be held twice while its client
  // does not read.
  if (partBytes <= COPIED_BODY_BYTES_MAX) return [Buffer.concat([before, bytes, end])];
  return isChunked ? [before, bytes, end] : [before, bytes];
}
