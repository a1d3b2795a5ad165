// The field that makes a download of an answer and names its file (RFC 6266). Pure. Called by
// server/zip-answer.ts.

import type { Field } from "./reply.ts";

/** What may stand for itself in an extended value (RFC 8187 §3.2.1, attr-char). */
const PLAIN = /[A-Za-z0-9!#$&+.^_`|~-]/;

/** The name twice: as ASCII for programs that know no other, and as it is. */
export function formatAttachment(fileName: string): Field {
  const wellFormed = fileName.toWellFormed();
  // A percent sign would be taken for an escape by some, a backslash for a folder by others.
  const ascii = wellFormed.replaceAll(/[^\x20-\x7e]|["\\%/]/gu, "_");
  const encoded = Array.from(Buffer.from(wellFormed), encodeByte).join("");
  return ["Content-Disposition", `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`];
}

function encodeByte(byte: number): string {
  const character = String.fromCharCode(byte);
  if (PLAIN.test(character)) return character;
  return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}
