// The name of a downloaded file, made safe from whatever the URL holds. Pure. Used by transfer.ts; its
// writing is in part-file.ts.

import mime from "mime";

/** What ext4, APFS and NTFS take; for the last two it is characters, of which this is less. */
const nameBytesMax = 255;

/**
 * The last segment of a URL path, decoded, as one plain file name. `contentType` gives the extension
 * of the name that is made up when the path ends in a slash.
 */
export function formatFileName(urlPath: string, contentType: string): string {
  const [path = ""] = urlPath.split(/[?#]/, 1);
  const segment = path.slice(path.lastIndexOf("/") + 1);
  // A decoded slash or backslash would lead out of the folder; control characters and those that
  // reverse writing would show another name than the file has.
  const plain = decode(segment)
    .replace(/[/\\\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, "_")
    .toWellFormed();
  if (plain === "") return `index.${mime.getExtension(contentType) || "html"}`;
  if (plain === "." || plain === "..") return plain.replaceAll(".", "_");
  return shorten(plain);
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    // Not UTF-8: the escapes themselves make a name that is safe and can be told apart.
    return segment;
  }
}

/** Cuts the stem and keeps the extension, between characters and not within one. */
function shorten(name: string): string {
  if (Buffer.byteLength(name) <= nameBytesMax) return name;
  const extension = /\.[^.]{1,16}$/.exec(name)?.[0] ?? "";
  const stem = name.slice(0, name.length - extension.length);
  let short = "";
  for (const char of stem) {
    if (Buffer.byteLength(short + char + extension) > nameBytesMax) break;
    short += char;
  }
  return short + extension;
}
