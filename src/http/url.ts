// The parts of URLs: the few values of a query that weir reads, a percent-encoded segment of a path, and
// addresses relative to the one that a client asked for. Pure.

/** Our own links have three pairs of some 40 characters, and trackers add a few hundred characters. */
const CHARS_MAX = 1024;
const PAIRS_MAX = 32;

/**
 * The first value of `name`, decoded as forms are (WHATWG URL, application/x-www-form-urlencoded);
 * undefined where there is none within the bounds.
 * @param query with or without its `?`
 * @param name of letters; a query that encodes them is not ours
 */
export function findQueryValue(query: string, name: string): string | undefined {
  let start = query.startsWith("?") ? 1 : 0;
  const length = Math.min(query.length, CHARS_MAX);
  for (let pair = 0; pair < PAIRS_MAX && start < length; pair++) {
    const mark = query.indexOf("&", start);
    const end = mark < 0 ? query.length : mark;
    // Cut short, it would be another value.
    if (end > CHARS_MAX) return undefined;
    const value = readPair(query.slice(start, end), name);
    if (value !== undefined) return value;
    start = end + 1;
  }
  return undefined;
}

function readPair(pair: string, name: string): string | undefined {
  if (!pair.startsWith(name)) return undefined;
  if (pair.length === name.length) return "";
  if (pair[name.length] !== "=") return undefined;
  const value = pair.slice(name.length + 1);
  if (!/[%+]/.test(value)) return value;
  return new URLSearchParams(`v=${value}`).get("v") ?? "";
}

const UNRESERVED = /^[A-Za-z0-9._~-]*$/;

/** How a URL writes each byte: unreserved ones (RFC 3986 §2.3) as they are, all others as %XX. */
const ENCODED_BYTES: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return UNRESERVED.test(character)
    ? character
    : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
});

/** @param segment one character a byte (Latin-1) */
export function percentEncodeSegment(segment: string): string {
  if (UNRESERVED.test(segment)) return segment;
  let encoded = "";
  for (let at = 0; at < segment.length; at++)
    encoded += ENCODED_BYTES[segment.charCodeAt(at)] ?? "";
  return encoded;
}

/** "." and "..", also encoded: clients that follow the URL standard treat both alike. */
const DOT = /^(?:\.|%2e)$/i;
const TWO_DOTS = /^(?:\.|%2e){2}$/i;

/** The folders that a client sees in a path, from the root on. It resolves dots and keeps empty names. */
function foldersOf(rawPath: string): string[] {
  const folders: string[] = [];
  const segments = rawPath.split("/").slice(1);
  segments.forEach((segment, index) => {
    if (TWO_DOTS.test(segment)) folders.pop();
    else if (index < segments.length - 1 && !DOT.test(segment)) folders.push(segment);
  });
  return folders;
}

/**
 * The way from the address that a client asked for to another one of the same server.
 * @param rawPath as it was sent
 * @param urlPath from the root, with its query and fragment
 */
export function formatRelativeReference(rawPath: string, urlPath: string): string {
  const folders = foldersOf(rawPath);
  const pathEnd = urlPath.search(/[?#]|$/);
  const names = urlPath.slice(1, pathEnd).split("/");
  let sameCount = 0;
  while (
    sameCount < folders.length &&
    sameCount < names.length - 1 &&
    folders[sameCount] === names[sameCount]
  ) {
    sameCount++;
  }
  const up = "../".repeat(folders.length - sameCount);
  const path = up + names.slice(sameCount).join("/");
  // An empty reference is the address itself, a slash is the root, and a colon ends a scheme.
  const isMistakable = /^(?:\/|$|[^/]*:)/.test(path);
  return (isMistakable ? "./" : "") + path + urlPath.slice(pathEnd);
}
