// The Content-Type of an open file: its name decides, and where the name says too little, its first bytes
// do. The table is the mime package's. Bytes never make a type that a browser runs or takes for a page.
// What the bytes showed is remembered for each version of a file. Each server thread has one ContentTypes;
// representation.ts calls it with the open file.

import { isUtf8 } from "node:buffer";
import mime from "mime";
import { RecentMap } from "../../base/recent-map.ts";
import { readFully } from "../../http/source.ts";
import type { SafePath } from "../path.ts";
import type { OpenFile } from "./open-file.ts";

/** In each of two generations: two megabytes of paths and versions. */
const LOOKS_REMEMBERED_MAX = 4096;

export interface FileType {
  readonly contentType: string;
  /** Whether the bytes are a gzip of that type, as those of `.svgz` are. */
  readonly isGzip: boolean;
}

interface RememberedLook {
  readonly version: string;
  readonly look: ContentLook;
}

const COMPRESSED_PICTURE = /.\.svgz$/i;

/** The types of open files, with the bounded look at their first bytes that some names need. */
export class ContentTypes {
  readonly #remembered = new RecentMap<string, RememberedLook>(LOOKS_REMEMBERED_MAX);

  /** @throws what reading the file throws */
  async typeOf(path: SafePath, file: OpenFile): Promise<FileType> {
    const name = path.segments.at(-1) ?? "";
    const named = typeByName(name);
    const isCompressedPicture = COMPRESSED_PICTURE.test(name);
    if (named.certainty === "sure" && !isCompressedPicture) {
      return { contentType: named.type, isGzip: false };
    }
    const version = `${file.versionKey} ${file.modifiedMs} ${file.sizeBytes}`;
    const known = this.#remembered.get(path.path);
    let look = known?.version === version ? known.look : undefined;
    if (look === undefined) {
      const bytes = Buffer.allocUnsafe(Math.min(LOOK_BYTES_MAX, file.sizeBytes));
      // Fewer if the file was cut short meanwhile, which the code that sends it notices.
      const readBytes = await readFully(file, bytes, 0);
      look = lookAtBytes(bytes.subarray(0, readBytes), readBytes === file.sizeBytes);
      this.#remembered.set(path.path, { version, look });
    }
    return {
      contentType: decideContentType(named, look),
      isGzip: isCompressedPicture && look === "gzip",
    };
  }
}

/** What a name says about the type. */
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

/** Endings that the table lacks, or has for something rarer. */
const OTHER_ENDINGS: ReadonlyMap<string, string> = new Map([["mts", MPEG_TS]]);

/**
 * Types of the table whose endings texts have, too: programs, settings, keys, notes. Browsers save files
 * of these types. The comments name the endings that are meant.
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

/** Texts that browsers would save, or that only programs know. They are shown as what they are: text. */
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

/** The charsets of texts. Other 8-bit charsets have no mark, and browsers guess them better than we do. */
const CHARSETS: Partial<Record<ContentLook, string>> = {
  "utf-8": "; charset=utf-8",
  "utf-16le": "; charset=utf-16le",
  "utf-16be": "; charset=utf-16be",
  "other-text": "",
};

/** @param look what the file's first bytes are; it does not matter where the name is sure */
export function decideContentType({ type, certainty }: NamedType, look: ContentLook): string {
  if (certainty === "sure") return type;
  const charset = CHARSETS[look];
  // For a page, a style or a script the name decides, whatever the content is.
  if (certainty === "text") return type + (charset ?? "; charset=utf-8");
  if (charset !== undefined) return PLAIN + charset;
  return type === MPEG_TS && look !== "mpeg-ts" ? UNKNOWN : type;
}

/** The type that a name alone gives, for bytes that are encoded and so say nothing. */
export function contentTypeOf(name: string): string {
  return decideContentType(typeByName(name), "binary");
}

/** What the first bytes of a file are: text in which letters, or none. */
export type ContentLook =
  | "utf-8"
  | "utf-16le"
  | "utf-16be"
  /** Letters of one of the older 8-bit charsets; the bytes do not tell which. */
  | "other-text"
  /** Packets of an MPEG transport stream. */
  | "mpeg-ts"
  | "gzip"
  | "binary";

/** Two pages of a disk. A few hundred bytes already show what is not text. */
export const LOOK_BYTES_MAX = 8 * 1024;
/** So many bytes without a control byte do not happen by chance in what is no text. */
const OTHER_TEXT_BYTES_MIN = 512;
/** In short texts of an 8-bit charset this share of the letters is ASCII, in European languages. */
const ASCII_SHARE_MIN = 0.75;
const UTF8_TAIL_BYTES_MAX = 3;

/** @param isWhole whether these are all bytes of the file; otherwise they may end within a letter */
export function lookAtBytes(bytes: Buffer, isWhole: boolean): ContentLook {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return "gzip";
  // UTF-16 only by its mark: without one it looks like much else. FF FE 00 00 would be UTF-32's.
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  const isLittle = bytes[0] === 0xff && bytes[1] === 0xfe;
  if (isLittle && !(bytes[2] === 0 && bytes[3] === 0)) return "utf-16le";
  if (hasBinaryByte(bytes)) return isTransportStream(bytes) ? "mpeg-ts" : "binary";
  if (isUtf8Beginning(bytes, isWhole)) return "utf-8";
  return isOtherText(bytes) ? "other-text" : "binary";
}

/** Control bytes that no text has (WHATWG MIME Sniffing §3, "binary data byte"); ESC colours logs. */
function hasBinaryByte(bytes: Buffer): boolean {
  for (const byte of bytes) {
    if (byte < 0x20 && (byte < 0x09 || byte === 0x0b || (byte > 0x0d && byte !== 0x1b)))
      return true;
  }
  return false;
}

function isUtf8Beginning(bytes: Buffer, isWhole: boolean): boolean {
  if (isUtf8(bytes)) return true;
  if (isWhole) return false;
  for (let cut = 1; cut <= UTF8_TAIL_BYTES_MAX; cut++) {
    if (isUtf8(bytes.subarray(0, -cut))) return true;
  }
  return false;
}

function isOtherText(bytes: Buffer): boolean {
  if (bytes.length >= OTHER_TEXT_BYTES_MIN) return true;
  let asciiCount = 0;
  for (const byte of bytes) if (byte < 0x80) asciiCount++;
  return asciiCount >= bytes.length * ASCII_SHARE_MIN;
}

const SYNC_BYTE = 0x47;
/** A packet, and one with its time before it, as camcorders write them; ISO/IEC 13818-1 §2.4.3.2. */
const PACKETS = [
  { lengthBytes: 188, syncAt: 0 },
  { lengthBytes: 192, syncAt: 4 },
] as const;

function isTransportStream(bytes: Buffer): boolean {
  return PACKETS.some(({ lengthBytes, syncAt }) => {
    if (bytes.length < lengthBytes) return false;
    for (let at = syncAt; at < bytes.length; at += lengthBytes) {
      if (bytes[at] !== SYNC_BYTE) return false;
    }
    return true;
  });
}
