// An answer as a plain value: a status, fields and a body. Handlers return it, engines send it. It knows
// no socket, no file and no protocol version. A body is bytes, a part of a source that is read while it
// is sent, or parts that are made while they are sent.

/**
 * Where the bytes of a large body come from, piece by piece. Files, zips and other bodies implement it; a
 * transport reads from it while it sends. Closed exactly once, by the engine that was given it.
 */
export interface ByteSource {
  /**
   * Reads up to `into.length` bytes at `position`; 0 means that there are no more. At once where it
   * need not be waited for.
   */
  read(into: Buffer, position: number): number | Promise<number>;
  /**
   * Whether everything read so far is of the version that the reply's fields speak of. At once where it
   * need not be waited for.
   */
  isUnchanged(): boolean | Promise<boolean>;
  close(): void;
  /** The memory that it reads from, which lives as long as the source; others may read from it, too. */
  readonly memory?: Buffer | undefined;
}

/** A part of a source that is read while it is sent. */
export interface SourcePart {
  readonly source: ByteSource;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/** A source has another content than when the reply was made, and nothing of it has been sent. */
export class SourceChangedError extends Error {
  override readonly name = "SourceChangedError";

  constructor() {
    super("the file changed while it was read");
  }
}

/** What a source reads from does not answer in time; trying again later may help. */
export class SourceUnavailableError extends Error {
  override readonly name = "SourceUnavailableError";
}

/** Of a body that is made while it is sent. An empty one is a pause, in which its reader may have left. */
export type BodyPart = string | Buffer;

export type ReplyBody =
  | { readonly kind: "none" }
  | { readonly kind: "bytes"; readonly bytes: Buffer }
  | ({ readonly kind: "source" } & SourcePart)
  | {
      readonly kind: "parts";
      readonly parts: Iterable<BodyPart> | AsyncIterable<BodyPart>;
      /** Called once by the connection, whether the parts were taken or not. */
      readonly close?: () => void;
    };

/** Lets go of what a body holds; for the connection, once for each reply. */
export function closeBody(body: ReplyBody): void {
  if (body.kind === "source") body.source.close();
  if (body.kind === "parts") body.close?.();
}

/** One field as it will be sent. An engine makes any value safe when it serialises it. */
export type Field = readonly [name: string, value: string];
export type Fields = readonly Field[];

export interface Reply {
  readonly status: number;
  readonly fields: Fields;
  readonly body: ReplyBody;
  /** Whether the same value answers other requests too: an engine may remember what it serialised. */
  readonly isShared?: boolean | undefined;
  /** Whether the connection must end after this answer. */
  readonly close?: boolean | undefined;
}

/**
 * What the head of an answer says beyond its reply because of the one request that it answers. These
 * fields come last. Exactly one of them holds a number that differs from one use to the next, so that
 * an engine can replace its digits in bytes that it has kept.
 */
export interface UseFields {
  /** The same array for the same values: an engine compares it by identity. */
  readonly others: Fields;
  readonly name: string;
  /** The value up to the number; best the same string for the same text. */
  readonly before: string;
  /** A whole number, 0 or more. */
  readonly count: number;
  /** The least number of digits; zeros fill up a shorter number. */
  readonly digitsMin: number;
  /** The value behind the number. */
  readonly after: string;
}

export const NO_BODY: ReplyBody = { kind: "none" };

/** A reply whose body is text that is at hand. */
export function textReply(
  status: number,
  contentType: string,
  text: string,
  fields: Fields = [],
): Reply {
  return {
    status,
    fields: [["Content-Type", contentType], ...fields],
    body: { kind: "bytes", bytes: Buffer.from(text) },
  };
}

/** The same reply with more fields behind its own. */
export function withFields(reply: Reply, fields: Fields): Reply {
  return fields.length === 0 ? reply : { ...reply, fields: [...reply.fields, ...fields] };
}
