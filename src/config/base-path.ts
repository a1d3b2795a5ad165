// Reader of --base-path: under which path a server is found. Pure; throws UsageError with a fragment that
// says what is allowed.

import { quote, UsageError } from "./usage-error.ts";

const LENGTH_MAX = 256;
/** Names as a URL has them (RFC 3986 §3.3), none of them empty, "." or "..". */
const BASE_PATH = /^(?:\/(?!\.{1,2}(?:\/|$))(?:[\w.~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+)+$/;

/** `/files` for `/files` and `/files/`; "" for `/`, which is where a server is without it. */
export function parseBasePath(text: string): string {
  const path = text.replace(/\/$/, "");
  if (path === "" && text === "/") return "";
  if (path.length <= LENGTH_MAX && BASE_PATH.test(path)) return path;
  const isEncodable = text.startsWith("/") && encodeURI(text) !== text;
  const hint = isEncodable ? `, encoded as in a URL: ${quote(encodeURI(text))}` : "";
  throw new UsageError(`give a path such as /files${hint}`);
}
