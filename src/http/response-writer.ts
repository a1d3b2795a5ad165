// Sends one reply on a stream: head and body, in pieces, never more than one piece ahead of what the
// reader takes. The first piece of a source is read before the head leaves, so that a file that
// cannot be read still gets an honest status, and a small file leaves in a single write.

import type { Duplex } from "node:stream";
import type { HttpLimits } from "./http-limits.ts";
import { type ByteSource, type Reply, type ReplyBody, SourceChangedError } from "./reply.ts";
import type { ResponseForm } from "./request.ts";
import { decideFraming, type ResponseHeadFormatter } from "./response-head.ts";

export interface WriteResult {
  readonly bodyBytes: number;
  /** False when the source ran out or broke, or the client left: the stream is of no use any more. */
  readonly isComplete: boolean;
  /** Whether only the closing of the connection tells where the body ends. */
  readonly endsByClose: boolean;
}

export interface ResponseWriterOptions {
  readonly stream: Duplex;
  readonly formatter: ResponseHeadFormatter;
  readonly limits: HttpLimits;
  /** Called whenever the reader has taken another piece. */
  readonly onProgress: () => void;
}

export class ResponseWriter {
  private readonly options: ResponseWriterOptions;

  constructor(options: ResponseWriterOptions) {
    this.options = options;
  }

  /** Whether a reply can be written in one go, without waiting for anything. */
  static isImmediate(form: ResponseForm | undefined, reply: Reply): boolean {
    const { kind } = reply.body;
    return kind === "none" || kind === "bytes" || (form?.method === "HEAD" && kind === "parts");
  }

  /** Writes a reply that `isImmediate`. The stream may hold it until the reader takes it. */
  writeNow(form: ResponseForm | undefined, reply: Reply, keepAlive: boolean): WriteResult {
    const framing = decideFraming(form, reply);
    const text = this.options.formatter.format(reply, framing, keepAlive && framing !== "close");
    const bytes = reply.body.kind === "bytes" ? reply.body.bytes : undefined;
    if (
      bytes === undefined ||
      bytes.length === 0 ||
      framing === "none" ||
      form?.method === "HEAD"
    ) {
      this.options.stream.write(text, "latin1");
      return { bodyBytes: 0, isComplete: true, endsByClose: framing === "close" };
    }
    const all = Buffer.allocUnsafe(text.length + bytes.length);
    all.write(text, 0, "latin1");
    bytes.copy(all, text.length);
    this.options.stream.write(all);
    return { bodyBytes: bytes.length, isComplete: true, endsByClose: false };
  }

  /** Writes any other reply. Closes the source of its body, whatever happens. */
  async write(form: ResponseForm, reply: Reply, keepAlive: boolean): Promise<WriteResult> {
    const { body } = reply;
    if (body.kind === "parts") return this.writeParts(form, reply, body.parts, keepAlive);
    if (body.kind !== "source") return this.writeNow(form, reply, keepAlive);
    try {
      const framing = decideFraming(form, reply);
      const text = this.options.formatter.format(reply, framing, keepAlive);
      if (form.method === "HEAD" || framing === "none" || body.lengthBytes === 0) {
        this.options.stream.write(text, "latin1");
        return { bodyBytes: 0, isComplete: true, endsByClose: false };
      }
      return await this.writeSource(text, body);
    } finally {
      body.source.close();
    }
  }

  /** @throws what the source throws while nothing has been written yet */
  private async writeSource(
    headText: string,
    body: Extract<ReplyBody, { kind: "source" }>,
  ): Promise<WriteResult> {
    const { pieceBytes } = this.options.limits;
    let sentBytes = 0;
    // One buffer for the whole body: a piece is read only after the one before it was taken.
    const piece = Buffer.allocUnsafe(headText.length + Math.min(pieceBytes, body.lengthBytes));
    let pieceStart = piece.write(headText, 0, "latin1");
    const isComplete = () => sentBytes === body.lengthBytes;
    while (!isComplete()) {
      const wanted = Math.min(piece.length - pieceStart, body.lengthBytes - sentBytes);
      const into = piece.subarray(pieceStart, pieceStart + wanted);
      const position = body.offsetBytes + sentBytes;
      const readBytes = await readFully(body.source, into, position, sentBytes > 0);
      const isLast = sentBytes + readBytes === body.lengthBytes;
      if (readBytes < wanted || (isLast && !isStillUnchanged(body.source, sentBytes > 0))) {
        // In time it can be told with a status; too late, the body must not seem complete.
        if (sentBytes === 0) throw new SourceChangedError();
        break;
      }
      sentBytes += readBytes;
      const isTaken = await this.send(piece.subarray(0, pieceStart + readBytes), isLast);
      if (!isTaken) break;
      pieceStart = 0;
    }
    return { bodyBytes: sentBytes, isComplete: isComplete(), endsByClose: false };
  }

  /** @throws what making the first part throws; later the body just ends short */
  private async writeParts(
    form: ResponseForm,
    reply: Reply,
    parts: Iterable<string>,
    keepAlive: boolean,
  ): Promise<WriteResult> {
    const framing = decideFraming(form, reply);
    const isChunked = framing === "chunked";
    let text = this.options.formatter.format(reply, framing, keepAlive && isChunked);
    let bodyBytes = 0;
    const cutShort = () => ({ bodyBytes, isComplete: false, endsByClose: true });
    try {
      for (const part of parts) {
        const partBytes = Buffer.byteLength(part);
        if (partBytes === 0) continue;
        const piece = Buffer.from(
          isChunked ? `${text}${partBytes.toString(16)}\r\n${part}\r\n` : text + part,
        );
        text = "";
        bodyBytes += partBytes;
        if (!(await this.send(piece, false))) return cutShort();
      }
    } catch (error) {
      if (bodyBytes === 0) throw error;
      return cutShort();
    }
    const isComplete = await this.send(Buffer.from(isChunked ? `${text}0\r\n\r\n` : text), true);
    return { bodyBytes, isComplete, endsByClose: !isChunked };
  }

  /**
   * Writes a piece and waits until it was taken, so that its buffer can be used again; the last
   * piece is left to the stream. False when the client has gone.
   */
  private send(piece: Buffer, isLast: boolean): Promise<boolean> | boolean {
    const { stream, onProgress } = this.options;
    if (stream.destroyed) return false;
    if (isLast) {
      stream.write(piece);
      return true;
    }
    return new Promise((resolve) => {
      stream.write(piece, (error) => {
        onProgress();
        resolve(error === null || error === undefined);
      });
    });
  }
}

/** Reads until `into` is full; less means that the source has ended before. */
async function readFully(
  source: { read(into: Buffer, position: number): Promise<number> },
  into: Buffer,
  position: number,
  hasSent: boolean,
): Promise<number> {
  let filled = 0;
  try {
    while (filled < into.length) {
      const bytes = await source.read(into.subarray(filled), position + filled);
      if (bytes === 0) break;
      filled += bytes;
    }
  } catch (error) {
    // After the head has left there is no status to tell it with: the body just ends short.
    if (!hasSent) throw error;
  }
  return filled;
}

/** A source that cannot tell any more, when the head has left, counts as changed. */
function isStillUnchanged(source: ByteSource, hasSent: boolean): boolean {
  try {
    return source.isUnchanged();
  } catch (error) {
    if (!hasSent) throw error;
    return false;
  }
}
