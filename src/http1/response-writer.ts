// Writes one reply as HTTP/1.1: its head, and its body framed by a length, by chunks or by the end of
// the connection. Sending a body piece by piece is the transport's. Used by connection.ts.

import { type BodyPart, closeBody, type Reply, type UseFields } from "../http/reply.ts";
import type { ResponseForm } from "../http/request.ts";
import type { Sent } from "../transport/engine.ts";
import type { Transport } from "../transport/transport.ts";
import {
  bodyLengthBytes,
  decideFraming,
  isBodiless,
  type ResponseHeadFormatter,
} from "./response-head.ts";
import { SERIALISED_BODY_BYTES_MAX, type SerialisedResponses } from "./serialised-response.ts";

const EMPTY = Buffer.alloc(0);
const LINE_END = Buffer.from("\r\n");
/** Larger bodies leave in pieces, so that it is seen whether their reader reads. */
const IMMEDIATE_BODY_BYTES_MAX = SERIALISED_BODY_BYTES_MAX;
/** Copying so much costs about what a second piece of a write does. */
const COPIED_BODY_BYTES_MAX = 16 * 1024;

export interface ResponseWriterOptions {
  readonly transport: Transport;
  readonly formatter: ResponseHeadFormatter;
  readonly serialised: SerialisedResponses;
}

/** Whether a reply can be written in one go, without waiting for anything. */
export function isAtHand({ body }: Reply, form: ResponseForm | undefined): boolean {
  if (body.kind === "none") return true;
  if (body.kind !== "bytes") return false;
  return body.bytes.length <= IMMEDIATE_BODY_BYTES_MAX || form?.method === "HEAD";
}

export class ResponseWriter {
  readonly #transport: Transport;
  readonly #formatter: ResponseHeadFormatter;
  readonly #serialised: SerialisedResponses;

  constructor({ transport, formatter, serialised }: ResponseWriterOptions) {
    this.#transport = transport;
    this.#formatter = formatter;
    this.#serialised = serialised;
  }

  /**
   * Writes a reply that `isAtHand`. The transport may hold it until the client takes it.
   * @param form undefined when the request line could not be read
   * @param isAlone no other answer waits to leave together with this one
   */
  writeNow(
    reply: Reply,
    use: UseFields | undefined,
    form: ResponseForm | undefined,
    keepAlive: boolean,
    isAlone: boolean,
  ): Sent {
    const { status } = reply;
    const framing = decideFraming(form, reply);
    const isHead = form?.method === "HEAD";
    const body = reply.body.kind === "bytes" && framing !== "none" ? reply.body.bytes : EMPTY;
    if (reply.isShared === true && keepAlive && isAlone && !isHead) {
      // From the bytes that were made when it was last used, where nothing but a number differs.
      const response = this.#serialised.of(reply, use);
      const date = this.#formatter.dateFields();
      const bytes =
        response.take(date, use) ??
        response.make(this.#formatter.formatBeginning(reply, framing, true), date, use, body);
      response.release(this.#transport.write(bytes));
      return { status, bodyBytes: body.length, isComplete: true };
    }
    const head = this.#formatter.format(reply, use, framing, keepAlive);
    if (isHead || body.length === 0) {
      this.#transport.write(head);
      return { status, bodyBytes: 0, isComplete: true };
    }
    this.#writeHeadAndBody(head, body);
    return { status, bodyBytes: body.length, isComplete: true };
  }

  /** In one piece where that costs less than a second write would. */
  #writeHeadAndBody(head: string, body: Buffer): void {
    if (body.length > COPIED_BODY_BYTES_MAX) {
      this.#transport.hold();
      this.#transport.write(head);
      this.#transport.write(body);
      this.#transport.release();
      return;
    }
    const all = Buffer.allocUnsafe(head.length + body.length);
    all.write(head, 0, "latin1");
    body.copy(all, head.length);
    this.#transport.write(all);
  }

  /**
   * Writes any other reply. Closes the source of its body, whatever happens.
   * @param onMade called when the first bytes of the answer are there and leave
   * @throws what reading or making the body throws before anything has been written
   */
  async write(
    reply: Reply,
    use: UseFields | undefined,
    form: ResponseForm,
    keepAlive: boolean,
    onMade: () => void,
  ): Promise<Sent> {
    const { status, body } = reply;
    try {
      if (form.method === "HEAD" || body.kind === "none" || isBodiless(status)) {
        return this.writeNow(reply, use, form, keepAlive, false);
      }
      if (body.kind === "parts") {
        const framing = decideFraming(form, reply);
        const head = this.#formatter.format(reply, use, framing, keepAlive);
        return await this.#writeParts(status, head, body.parts, framing === "chunked", onMade);
      }
      const lengthBytes = bodyLengthBytes(reply);
      if (lengthBytes === 0) return this.writeNow(reply, use, form, keepAlive, false);
      const head = this.#formatter.format(reply, use, "length", keepAlive);
      if (body.kind === "bytes") onMade();
      const bodyBytes = await (body.kind === "bytes"
        ? this.#transport.sendBytes(head, body.bytes)
        : this.#transport.sendSource(head, body, onMade));
      return { status, bodyBytes, isComplete: bodyBytes === lengthBytes };
    } finally {
      closeBody(body);
    }
  }

  /** @throws what making the first part throws; later the body just ends short */
  async #writeParts(
    status: number,
    head: string,
    parts: Iterable<BodyPart> | AsyncIterable<BodyPart>,
    isChunked: boolean,
    onMade: () => void,
  ): Promise<Sent> {
    let text = head;
    let bodyBytes = 0;
    try {
      for await (const part of parts) {
        // Something that takes long to make is not made for a reader who has left.
        if (this.#transport.isGone) return { status, bodyBytes, isComplete: false };
        if (part.length === 0) continue;
        const partBytes = Buffer.byteLength(part);
        if (bodyBytes === 0) onMade();
        const sending = this.#transport.send(toPieces(text, part, partBytes, isChunked));
        text = "";
        bodyBytes += partBytes;
        const isTaken = typeof sending === "boolean" ? sending : await sending;
        if (!isTaken) return { status, bodyBytes, isComplete: false };
      }
    } catch (error) {
      if (bodyBytes === 0) throw error;
      return { status, bodyBytes, isComplete: false };
    }
    const end = isChunked ? `${text}0\r\n\r\n` : text;
    if (end !== "") this.#transport.write(end);
    return { status, bodyBytes, isComplete: !this.#transport.isGone };
  }
}

/** What is written for one part of a body, with the head before the first. */
function toPieces(text: string, part: BodyPart, partBytes: number, isChunked: boolean): Buffer[] {
  const bytes = typeof part === "string" ? Buffer.from(part) : part;
  if (!isChunked && text === "") return [bytes];
  const before = Buffer.from(isChunked ? `${text}${partBytes.toString(16)}\r\n` : text, "latin1");
  const end = isChunked ? LINE_END : EMPTY;
  // Small ones cost less as one; a copy of a large one would be held twice while its reader stalls.
  if (partBytes <= COPIED_BODY_BYTES_MAX) return [Buffer.concat([before, bytes, end])];
  return isChunked ? [before, bytes, end] : [before, bytes];
}
