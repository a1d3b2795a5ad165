// Sends one reply on a stream: head and body, in pieces, never more than one piece ahead of what the
// reader takes. The first piece of a source is read before the head leaves, so that a file that
// cannot be read still gets an honest status, and a small file leaves in a single write.

import type { Duplex } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { HttpLimits } from "./http-limits.ts";
import { KEPT_BODY_BYTES_MAX, type KeptBytes } from "./kept-bytes.ts";
import {
  type BodyPart,
  type ByteSource,
  closeBody,
  type Reply,
  type ReplyBody,
  SourceChangedError,
} from "./reply.ts";
import type { ResponseForm } from "./request.ts";
import {
  bodyLengthBytes,
  decideFraming,
  type Framing,
  isBodiless,
  type ResponseHeadFormatter,
} from "./response-head.ts";

const EMPTY = Buffer.alloc(0);
const LINE_END = Buffer.from("\r\n");
/** Larger bodies leave in pieces, so that it is seen whether their reader reads. */
const IMMEDIATE_BODY_BYTES_MAX = KEPT_BODY_BYTES_MAX;
/** Copying so much costs about what a second piece of a write does. */
const COPIED_BODY_BYTES_MAX = 16 * 1024;
/** What one answer may send before the thread looks after the others: well under a millisecond. */
const TURN_BYTES_MAX = 1024 * 1024;

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
}

export class ResponseWriter {
  private readonly options: ResponseWriterOptions;
  private readonly onProgress: () => void;

  /** @param onProgress is called whenever the reader has taken another piece */
  constructor(options: ResponseWriterOptions, onProgress: () => void) {
    this.options = options;
    this.onProgress = onProgress;
  }

  /** Whether a reply can be written in one go, without waiting for anything. */
  static isImmediate(form: ResponseForm | undefined, reply: Reply): boolean {
    const { body } = reply;
    if (body.kind === "none") return true;
    if (body.kind !== "bytes") return false;
    return body.bytes.length <= IMMEDIATE_BODY_BYTES_MAX || form?.method === "HEAD";
  }

  /**
   * Writes a reply that `isImmediate`. The stream may hold it until the reader takes it.
   * @param isAlone no other answer waits to leave together with this one
   */
  writeNow(
    form: ResponseForm | undefined,
    reply: Reply,
    keepAlive: boolean,
    isAlone: boolean,
  ): WriteResult {
    const framing = decideFraming(form, reply);
    const isHead = form?.method === "HEAD";
    const body = reply.body.kind === "bytes" && framing !== "none" ? reply.body.bytes : EMPTY;
    if (reply.kept !== undefined && keepAlive && isAlone && !isHead) {
      this.writeKept(reply.kept, reply, framing, body);
      return { bodyBytes: body.length, isComplete: true, endsByClose: false };
    }
    const text = this.options.formatter.format(reply, framing, keepAlive && framing !== "close");
    if (isHead || body.length === 0) {
      this.options.stream.write(text, "latin1");
      return { bodyBytes: 0, isComplete: true, endsByClose: framing === "close" };
    }
    this.writeHeadAndBody(text, body);
    return { bodyBytes: body.length, isComplete: true, endsByClose: false };
  }

  private writeKept(kept: KeptBytes, reply: Reply, framing: Framing, body: Buffer): void {
    const { stream, formatter } = this.options;
    const date = formatter.dateFields();
    const { counted } = reply;
    stream.write(
      kept.take(date, counted) ??
        kept.make(formatter.formatBeginning(reply, framing, true), date, counted, body),
    );
    kept.release(stream.writableLength === 0);
  }

  /** In one piece where that costs less than a second write would. */
  private writeHeadAndBody(text: string, body: Buffer): void {
    const { stream } = this.options;
    if (body.length > COPIED_BODY_BYTES_MAX) {
      stream.cork();
      stream.write(text, "latin1");
      stream.write(body);
      stream.uncork();
      return;
    }
    const all = Buffer.allocUnsafe(text.length + body.length);
    all.write(text, 0, "latin1");
    body.copy(all, text.length);
    stream.write(all);
  }

  /** Writes any other reply. Closes the source of its body, whatever happens. */
  async write(form: ResponseForm, reply: Reply, keepAlive: boolean): Promise<WriteResult> {
    const { body } = reply;
    try {
      if (form.method === "HEAD" || body.kind === "none" || isBodiless(reply.status)) {
        return this.writeNow(form, reply, keepAlive, true);
      }
      if (body.kind === "parts") return await this.writeParts(form, reply, body.parts, keepAlive);
      if (bodyLengthBytes(reply) === 0) return this.writeNow(form, reply, keepAlive, true);
      const text = this.options.formatter.format(reply, "length", keepAlive);
      if (body.kind === "bytes") return await this.writeBytes(text, body.bytes);
      return await this.writeSource(text, body);
    } finally {
      closeBody(body);
    }
  }

  /** In pieces, so that a slow reader is seen to read. */
  private async writeBytes(headText: string, bytes: Buffer): Promise<WriteResult> {
    const { stream, limits } = this.options;
    stream.cork();
    stream.write(headText, "latin1");
    let sentBytes = 0;
    while (sentBytes < bytes.length) {
      const piece = bytes.subarray(sentBytes, sentBytes + limits.pieceBytes);
      const isLast = sentBytes + piece.length === bytes.length;
      const sending = this.send(piece, isLast);
      if (sentBytes === 0) stream.uncork();
      if (!(await sending)) break;
      sentBytes += piece.length;
    }
    const isComplete = sentBytes === bytes.length;
    return { bodyBytes: sentBytes, isComplete, endsByClose: false };
  }

  /** @throws what the source throws while nothing has been written yet */
  private async writeSource(
    headText: string,
    body: Extract<ReplyBody, { kind: "source" }>,
  ): Promise<WriteResult> {
    const { pieceBytes } = this.options.limits;
    let sentBytes = 0;
    let turnBytes = 0;
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
      if (readBytes < wanted || (isLast && !(await isStillUnchanged(body.source, sentBytes > 0)))) {
        // In time it can be told with a status; too late, the body must not seem complete.
        if (sentBytes === 0) throw new SourceChangedError();
        break;
      }
      sentBytes += readBytes;
      const isTaken = await this.send(piece.subarray(0, pieceStart + readBytes), isLast);
      if (!isTaken) break;
      pieceStart = 0;
      turnBytes += readBytes;
      // A reader as fast as we are, and a file in memory: nothing here has waited.
      if (turnBytes >= TURN_BYTES_MAX && !isLast) {
        turnBytes = 0;
        await nextTurn();
      }
    }
    return { bodyBytes: sentBytes, isComplete: isComplete(), endsByClose: false };
  }

  /** @throws what making the first part throws; later the body just ends short */
  private async writeParts(
    form: ResponseForm,
    reply: Reply,
    parts: Iterable<BodyPart> | AsyncIterable<BodyPart>,
    keepAlive: boolean,
  ): Promise<WriteResult> {
    const framing = decideFraming(form, reply);
    const isChunked = framing === "chunked";
    let text = this.options.formatter.format(reply, framing, keepAlive && isChunked);
    let bodyBytes = 0;
    const cutShort = () => ({ bodyBytes, isComplete: false, endsByClose: true });
    try {
      for await (const part of parts) {
        const bytes = typeof part === "string" ? Buffer.from(part) : part;
        // Nothing yet, of something that takes long to make: not for a reader who has left.
        if (bytes.length === 0 && !this.options.stream.destroyed) continue;
        const head = Buffer.from(
          isChunked ? `${text}${bytes.length.toString(16)}\r\n` : text,
          "latin1",
        );
        const piece = Buffer.concat([head, bytes, isChunked ? LINE_END : EMPTY]);
        text = "";
        bodyBytes += bytes.length;
        if (!(await this.send(piece, false))) return cutShort();
      }
    } catch (error) {
      if (bodyBytes === 0) throw error;
      return cutShort();
    }
    const isComplete = await this.send(
      Buffer.from(isChunked ? `${text}0\r\n\r\n` : text, "latin1"),
      true,
    );
    return { bodyBytes, isComplete, endsByClose: !isChunked };
  }

  /**
   * Writes a piece and waits until it was taken, so that its buffer can be used again; the last
   * piece is left to the stream. False when the client has gone.
   */
  private send(piece: Buffer, isLast: boolean): Promise<boolean> | boolean {
    const { stream } = this.options;
    if (stream.destroyed) return false;
    if (isLast) {
      stream.write(piece);
      return true;
    }
    return new Promise((resolve) => {
      stream.write(piece, (error) => {
        this.onProgress();
        resolve(error === null || error === undefined);
      });
    });
  }
}

/** Reads until `into` is full; less means that the source has ended before. */
async function readFully(
  source: Pick<ByteSource, "read">,
  into: Buffer,
  position: number,
  hasSent: boolean,
): Promise<number> {
  let filled = 0;
  try {
    while (filled < into.length) {
      const reading = source.read(into.subarray(filled), position + filled);
      const bytes = typeof reading === "number" ? reading : await reading;
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
async function isStillUnchanged(source: ByteSource, hasSent: boolean): Promise<boolean> {
  try {
    return await source.isUnchanged();
  } catch (error) {
    if (!hasSent) throw error;
    return false;
  }
}
