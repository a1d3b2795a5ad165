// The Content-Type of a file by its name. The table is the mime package's.

import mime from "mime";

const UNKNOWN = "application/octet-stream";

/** With `charset=utf-8` on text: what browsers would otherwise have to guess. */
export function contentTypeOf(name: string): string {
  const type = mime.getType(name);
  if (type === null) return UNKNOWN;
  return type.startsWith("text/") ? `${type}; charset=utf-8` : type;
}
