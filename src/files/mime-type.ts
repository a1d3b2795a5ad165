// The Content-Type of a file: by its name, and where that says too little or nothing by what its first
// bytes are. Pure. The table is the mime package's; content-types.ts hands in the look at the bytes.
// Bytes never make a type that a browser runs or takes for a page.

import mime from "mime";
import type { ContentLook } from "./content-look.ts";

/** What a name says of a type. */
export interface NamedType {
  /** Without a charset. */
  readonly type: string;
  /**
   * `sure`: it is that type. `text`: it is, and the bytes tell how its letters are written. `source`:
   * it is that type, unless the bytes are text, which is shown as text.
   */
  readonly certainty: "sure" | "text" | "source";
}

const UNKNOWN = "application/octet-stream";
const MPEG_TS = "video/mp2t";
const PLAIN = "text/plain";

/** Endings that the table lacks or has for something rarer. */
const OTHER_ENDINGS: ReadonlyMap<string, string> = new Map([["mts", MPEG_TS]]);

/**
 * Types of the table whose endings are also those of texts that people write: programs, settings, keys,
 * notes. Browsers save what has them. The comments name the endings that are meant.
 */
const SOURCE_TYPES: ReadonlySet<string> = new Set([
  UNKNOWN,
  MPEG_TS, // .ts
  "application/json5",
  "application/node", // .cjs
  "application/pgp-keys", // .asc
  "application/pgp-signature",
  "application/rls-services+xml", // .rs
  "application/sql",
  "application/toml",
  "application/vnd.apple.keynote", // .key
  "application/vnd.dart",
  "application/vnd.lotus-organizer", // .org
  "application/vnd.lotus-screencam", // .scm
  "application/x-csh",
  "application/x-httpd-php",
  "application/x-latex",
  "application/x-msdownload", // .bat
  "application/x-mspublisher", // .pub
  "application/x-perl",
  "application/x-sh",
  "application/x-subrip",
  "application/x-tcl",
  "application/x-tex",
  "application/x-texinfo",
  "application/x-wais-source", // .src
  "application/xml-dtd",
]);

/** Texts that browsers save, or that only programs know: they are shown as what they are, text. */
const SOURCE_TEXT =
  /^text\/(?:x-(?!vcard$|vcalendar$)|(?:coffeescript|jade|jsx|less|mdx|sgml|slim|stylus|troff|yaml)$)/;

export function typeByName(name: string): NamedType {
  const dot = name.lastIndexOf(".");
  // The package takes a whole name without a dot for an extension: "html" would be a page.
  const ending = dot > 0 ? name.slice(dot + 1).toLowerCase() : "";
  const type = OTHER_ENDINGS.get(ending) ?? (ending === "" ? null : mime.getType(ending));
  if (type === null || SOURCE_TYPES.has(type)) {
    return { type: type ?? UNKNOWN, certainty: "source" };
  }
  if (SOURCE_TEXT.test(type)) return { type: UNKNOWN, certainty: "source" };
  return { type, certainty: type.startsWith("text/") ? "text" : "sure" };
}

/** The charsets of texts. Other 8-bit ones have no mark: browsers guess them better than we would. */
const CHARSETS: Partial<Record<ContentLook, string>> = {
  "utf-8": "; charset=utf-8",
  "utf-16le": "; charset=utf-16le",
  "utf-16be": "; charset=utf-16be",
  "other-text": "",
};

/** @param look at the file's first bytes; for what is sure any will do */
export function decideContentType({ type, certainty }: NamedType, look: ContentLook): string {
  if (certainty === "sure") return type;
  const charset = CHARSETS[look];
  // Of a page, a style or a script the name is believed, whatever is in it.
  if (certainty === "text") return type + (charset ?? "; charset=utf-8");
  if (charset !== undefined) return PLAIN + charset;
  return type === MPEG_TS && look !== "mpeg-ts" ? UNKNOWN : type;
}

/** The type that a name alone gives, for bytes that cannot be looked at: they are encoded. */
export function contentTypeOf(name: string): string {
  return decideContentType(typeByName(name), "binary");
}
