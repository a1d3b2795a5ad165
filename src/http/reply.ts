// An answer as a plain value: what handle-request returns and the connection sends. It knows of no
// socket and of no file; a body may be bytes, a part of a source that is read while it is sent, or
// parts that are made while they are sent.

import type { CountedField } from "./counted-field.ts";
import type { KeptBytes } from "./kept-bytes.ts";

/** Where a body's bytes are read from, piece by piece. Closed exactly once, by the connection. */
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
  /** The memory that it reads from, which stays for as long as the source; others may read from it, too. */
  readonly memory?: Buffer | undefined;
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
  | {
      readonly kind: "source";
      readonly source: ByteSource;
      readonly offsetBytes: number;
      readonly lengthBytes: number;
    }
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

/** Field lines, each ended by CRLF. Made by formatField, which lets no line break in. */
export type FieldLines = string;

export interface Reply {
  readonly status: number;
  readonly fields: FieldLines;
  readonly body: ReplyBody;
  /** What differs between two uses of the same answer; it stands last in the head. */
  readonly counted?: CountedField | undefined;
  /** Where the bytes of an answer that comes again are kept; its body is at hand. */
  readonly kept?: KeptBytes | undefined;
  /** Whether the connection must end after this answer. */
  readonly close?: boolean | undefined;
}

export const NO_BODY: ReplyBody = { kind: "none" };

/**
 * One field line. Control characters, which could end the line and begin another, become spaces;
 * characters beyond Latin-1 become question marks (RFC 9110 §5.5 knows visible ASCII and obs-text).
 */
export function formatField(name: string, value: string): FieldLines {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  const clean = value.replaceAll(/[\x00-\x1f\x7f]/g, " ").replaceAll(/[^\x00-\xff]/g, "?");
  return `${name}: ${clean}\r\n`;
}

/** A reply whose body is text that is at hand. */
export function textReply(
  status: number,
  contentType: string,
  text: string,
  fields: FieldLines = "",
): Reply {
  return {
    status,
    fields: `Content-Type: ${contentType}\r\n${fields}`,
    body: { kind: "bytes", bytes: Buffer.from(text) },
  };
}

/** The same reply with more field lines. */
export function withFields(reply: Reply, fields: FieldLines): Reply {
  return { ...reply, fields: reply.fields + fields };
}

/** The same reply with the field that is this use's own. */
export function withCounted(reply: Reply, counted: CountedField | undefined): Reply {
  // Written out: a copy by `...` takes ten times as long, and every answer is made here.
  const { status, fields, body, kept, close } = reply;
  return { status, fields, body, kept, close, counted };
}
