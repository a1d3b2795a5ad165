// What the first bytes of a file are: text in which letters, or none. Pure. It knows no name and no
// type; mime-type.ts makes types of it.

import { isUtf8 } from "node:buffer";

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

/** Two pages of a disk: what is not text shows within a few hundred bytes. */
export const LOOK_BYTES_MAX = 8 * 1024;
/** Fewer bytes without a control byte happen by chance in what is no text. */
const OTHER_TEXT_BYTES_MIN = 512;
/** In short texts of an 8-bit charset so many letters are ASCII: those of European languages. */
const ASCII_SHARE_MIN = 0.75;
const UTF8_TAIL_BYTES_MAX = 3;

/** @param isWhole whether these are all bytes of the file: else they may end within a letter */
export function lookAtBytes(bytes: Buffer, isWhole: boolean): ContentLook {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return "gzip";
  const wide = lookForUtf16(bytes);
  if (wide !== undefined) return wide;
  if (hasBinaryByte(bytes)) return isTransportStream(bytes) ? "mpeg-ts" : "binary";
  if (isUtf8Beginning(bytes, isWhole)) return "utf-8";
  return isOtherText(bytes) ? "other-text" : "binary";
}

/** Only by its mark: UTF-16 without one looks like much else. FF FE 00 00 would be UTF-32's. */
function lookForUtf16(bytes: Buffer): "utf-16le" | "utf-16be" | undefined {
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  const isLittle = bytes[0] === 0xff && bytes[1] === 0xfe;
  return isLittle && !(bytes[2] === 0 && bytes[3] === 0) ? "utf-16le" : undefined;
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
/** Of a packet, and of one with its time before it, as camcorders write them; ISO/IEC 13818-1 §2.4.3.2. */
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
