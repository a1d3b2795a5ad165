// Sends one reply on a stream: head and body, in pieces, never more than one piece ahead of what the
// reader takes. The first piece of a source is read before the head leaves, so that a file that cannot
// be read still gets an honest status, and a small file leaves in a single write. How large a piece may
// be, send-memory.ts knows. Used by connection.ts.

import type { Duplex } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { WireExchange } from "./exchange.ts";
import {
  type BodyPart,
  type ByteSource,
  closeBody,
  type Reply,
  type ReplyBody,
  SourceChangedError,
  type UseFields,
} from "./reply.ts";
import type { ResponseForm } from "./request.ts";
import {
  bodyLengthBytes,
  decideFraming,
  type Framing,
  isBodiless,
  type ResponseHeadFormatter,
} from "./response-head.ts";
import type { SendMemory } from "./send-memory.ts";
import { SERIALISED_BODY_BYTES_MAX, type SerialisedResponses } from "./serialised-response.ts";

const EMPTY = Buffer.alloc(0);
const LINE_END = Buffer.from("\r\n");
/** Larger bodies leave in pieces, so that it is seen whether their reader reads. */
const IMMEDIATE_BODY_BYTES_MAX = SERIALISED_BODY_BYTES_MAX;
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
  readonly serialised: SerialisedResponses;
  readonly sendMemory: SendMemory;
}

/** The part of an exchange that an answer's head depends on. */
type Use = Pick<WireExchange, "useFields">;

/** Who looks on while an answer leaves in pieces. */
export interface WriteWatcher {
  /** A piece is being read, and its reading takes time; meanwhile it holds memory. */
  reads(pieceBytes: number): void;
  /**
   * A piece was written, and not all of it was taken.
   * @param shared the memory that stays until the whole answer has left, whoever else reads from it
   */
  waits(shared: Buffer | undefined): void;
  /** The client has taken all of it. */
  taken(): void;
}

export class ResponseWriter {
  private readonly options: ResponseWriterOptions;
  private readonly watcher: WriteWatcher;

  constructor(options: ResponseWriterOptions, watcher: WriteWatcher) {
    this.options = options;
    this.watcher = watcher;
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
    exchange: Use,
    form: ResponseForm | undefined,
    reply: Reply,
    keepAlive: boolean,
    isAlone: boolean,
  ): WriteResult {
    const framing = decideFraming(form, reply);
    const isHead = form?.method === "HEAD";
    const body = reply.body.kind === "bytes" && framing !== "none" ? reply.body.bytes : EMPTY;
    const { useFields } = exchange;
    if (reply.isShared === true && keepAlive && isAlone && !isHead) {
      this.writeSerialised(reply, useFields, framing, body);
      return { bodyBytes: body.length, isComplete: true, endsByClose: false };
    }
    const text = this.options.formatter.format(
      reply,
      useFields,
      framing,
      keepAlive && framing !== "close",
    );
    if (isHead || body.length === 0) {
      this.options.stream.write(text, "latin1");
      return { bodyBytes: 0, isComplete: true, endsByClose: framing === "close" };
    }
    this.writeHeadAndBody(text, body);
    return { bodyBytes: body.length, isComplete: true, endsByClose: false };
  }

  private writeSerialised(
    reply: Reply,
    use: UseFields | undefined,
    framing: Framing,
    body: Buffer,
  ): void {
    const { stream, formatter, serialised } = this.options;
    const response = serialised.of(reply, use);
    const date = formatter.dateFields();
    stream.write(
      response.take(date, use) ??
        response.make(formatter.formatBeginning(reply, framing, true), date, use, body),
    );
    response.release(stream.writableLength === 0);
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

  /**
   * Writes any other reply. Closes the source of its body, whatever happens.
   * @param onMade called when the first bytes of the answer are there and leave
   */
  async write(
    exchange: Use,
    form: ResponseForm,
    reply: Reply,
    keepAlive: boolean,
    onMade: () => void,
  ): Promise<WriteResult> {
    const { body } = reply;
    try {
      if (form.method === "HEAD" || body.kind === "none" || isBodiless(reply.status)) {
        return this.writeNow(exchange, form, reply, keepAlive, true);
      }
      if (body.kind === "parts") {
        return await this.writeParts(exchange, form, reply, body.parts, keepAlive, onMade);
      }
      if (bodyLengthBytes(reply) === 0)
        return this.writeNow(exchange, form, reply, keepAlive, true);
      const text = this.options.formatter.format(reply, exchange.useFields, "length", keepAlive);
      if (body.kind === "source") return await this.writeSource(text, body, onMade);
      onMade();
      return await this.writeBytes(text, body.bytes);
    } finally {
      closeBody(body);
    }
  }

  /** In pieces, so that a slow reader is seen to read. */
  private async writeBytes(headText: string, bytes: Buffer): Promise<WriteResult> {
    const { sendMemory } = this.options;
    let sentBytes = 0;
    while (sentBytes < bytes.length) {
      const piece = bytes.subarray(sentBytes, sentBytes + sendMemory.pieceBytes);
      const isLast = sentBytes + piece.length === bytes.length;
      const pieces = sentBytes === 0 ? [Buffer.from(headText, "latin1"), piece] : [piece];
      const sending = this.send(pieces, isLast, bytes);
      if (!(typeof sending === "boolean" ? sending : await sending)) break;
      sentBytes += piece.length;
    }
    const isComplete = sentBytes === bytes.length;
    return { bodyBytes: sentBytes, isComplete, endsByClose: false };
  }

  /** @throws what the source throws while nothing has been written yet */
  private async writeSource(
    headText: string,
    { source, offsetBytes, lengthBytes }: Extract<ReplyBody, { kind: "source" }>,
    onMade: () => void,
  ): Promise<WriteResult> {
    const { sendMemory } = this.options;
    let sentBytes = 0;
    let turnBytes = 0;
    let text = headText;
    while (sentBytes < lengthBytes) {
      const leftBytes = text.length + lengthBytes - sentBytes;
      const pieceBytes = Math.max(sendMemory.pieceBytes, 2 * text.length);
      const piece = sendMemory.takePiece(Math.min(pieceBytes, leftBytes));
      const start = piece.write(text, 0, "latin1");
      const into = piece.subarray(start, Math.min(piece.length, leftBytes));
      const reading = readFully(source, into, offsetBytes + sentBytes, sentBytes > 0);
      if (typeof reading !== "number") this.watcher.reads(piece.length);
      const readBytes = typeof reading === "number" ? reading : await reading;
      const isLast = sentBytes + readBytes === lengthBytes;
      const isWhole = readBytes === into.length;
      if (!isWhole || (isLast && !(await isStillUnchanged(source, sentBytes > 0)))) {
        // In time it can be told with a status; too late, the body must not seem complete.
        if (sentBytes === 0) throw new SourceChangedError();
        break;
      }
      if (sentBytes === 0) onMade();
      const sending = this.send([piece.subarray(0, start + readBytes)], isLast, source.memory);
      if (!(typeof sending === "boolean" ? sending : await sending)) break;
      if (typeof reading !== "number" && sending === true) this.watcher.taken();
      text = "";
      sentBytes += readBytes;
      if (!this.hasUnsent()) sendMemory.giveBackPiece(piece);
      turnBytes = await this.letOthersRun(turnBytes + readBytes);
    }
    return { bodyBytes: sentBytes, isComplete: sentBytes === lengthBytes, endsByClose: false };
  }

  /** @throws what making the first part throws; later the body just ends short */
  private async writeParts(
    { useFields }: Use,
    form: ResponseForm,
    reply: Reply,
    parts: Iterable<BodyPart> | AsyncIterable<BodyPart>,
    keepAlive: boolean,
    onMade: () => void,
  ): Promise<WriteResult> {
    const framing = decideFraming(form, reply);
    const isChunked = framing === "chunked";
    let text = this.options.formatter.format(reply, useFields, framing, keepAlive && isChunked);
    let bodyBytes = 0;
    let turnBytes = 0;
    const cutShort = () => ({ bodyBytes, isComplete: false, endsByClose: true });
    try {
      for await (const part of parts) {
        // Nothing yet, of something that takes long to make: not for a reader who has left.
        if (part.length === 0 && !this.options.stream.destroyed) continue;
        const partBytes = Buffer.byteLength(part);
        if (bodyBytes === 0) onMade();
        const sending = this.send(toPieces(text, part, partBytes, isChunked), false);
        text = "";
        bodyBytes += partBytes;
        if (!(typeof sending === "boolean" ? sending : await sending)) return cutShort();
        turnBytes = await this.letOthersRun(turnBytes + partBytes);
      }
    } catch (error) {
      if (bodyBytes === 0) throw error;
      return cutShort();
    }
    const end = Buffer.from(isChunked ? `${text}0\r\n\r\n` : text, "latin1");
    const isComplete = end.length === 0 || (await this.send([end], true));
    return { bodyBytes, isComplete, endsByClose: !isChunked };
  }

  /**
   * Writes what leaves together and waits until it was taken, so that no more is made than is read; the
   * last piece is left to the stream. False when the client has gone.
   */
  private send(
    pieces: readonly Buffer[],
    isLast: boolean,
    shared?: Buffer,
  ): Promise<boolean> | boolean {
    const { stream } = this.options;
    if (stream.destroyed || stream.errored !== null) return false;
    let onTaken: ((isTaken: boolean) => void) | undefined;
    const isSeveral = pieces.length > 1;
    if (isSeveral) stream.cork();
    pieces.forEach((piece, index) => {
      if (isLast || index < pieces.length - 1) stream.write(piece);
      else stream.write(piece, (error) => onTaken?.(error === null || error === undefined));
    });
    if (isSeveral) stream.uncork();
    // As nearly always: the kernel has taken it, or has told at once that the client is gone.
    if (!this.hasUnsent()) return stream.errored === null;
    this.watcher.waits(shared);
    if (isLast) return true;
    return new Promise((resolve) => {
      onTaken = (isTaken) => {
        this.watcher.taken();
        resolve(isTaken);
      };
    });
  }

  private hasUnsent(): boolean {
    return this.options.stream.writableLength > 0;
  }

  /**
   * A reader as fast as we are, and a file in memory: nothing of that waits.
   * @returns the bytes that were sent in this turn
   */
  private letOthersRun(turnBytes: number): number | Promise<number> {
    if (turnBytes < TURN_BYTES_MAX) return turnBytes;
    return nextTurn(0);
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

/** Reads until `into` is full; less means that the source has ended before. At once where it can. */
function readFully(
  source: Pick<ByteSource, "read">,
  into: Buffer,
  position: number,
  hasSent: boolean,
): number | Promise<number> {
  try {
    const reading = source.read(into, position);
    if (reading === into.length || reading === 0) return reading;
    return readRest(source, into, position, hasSent, reading);
  } catch (error) {
    // After the head has left there is no status to tell it with: the body just ends short.
    if (!hasSent) throw error;
    return 0;
  }
}

async function readRest(
  source: Pick<ByteSource, "read">,
  into: Buffer,
  position: number,
  hasSent: boolean,
  first: number | Promise<number>,
): Promise<number> {
  let filled = 0;
  try {
    for (let bytes = await first; bytes > 0; ) {
      filled += bytes;
      if (filled === into.length) break;
      bytes = await source.read(into.subarray(filled), position + filled);
    }
  } catch (error) {
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
