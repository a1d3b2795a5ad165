// The Content-Type of a file by its name. The table is the mime package's.

import mime from "mime";

const UNKNOWN = "application/octet-stream";

/** With `charset=utf-8` on text: what browsers would otherwise have to guess. */
export function contentTypeOf(name: string): string {
  const dot = name.lastIndexOf(".");
  // The package takes a whole name without a dot for an extension: "html" would be a page.
  const type = dot > 0 ? mime.getType(name.slice(dot + 1)) : null;
  if (type === null) return UNKNOWN;
  return type.startsWith("text/") ? `${type}; charset=utf-8` : type;
}
