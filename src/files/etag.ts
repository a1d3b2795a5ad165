// Entity tags (RFC 9110 §8.8.3). Pure.

/**
 * A strong tag.
 * @param version tells versions of the file apart (file-tags.ts)
 * @param coding content coding of the representation: each has a tag of its own
 */
export function formatEtag(version: string, coding?: string): string {
  return coding === undefined ? `"${version}"` : `"${version}-${coding}"`;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const DEL = 0x7f;

/**
 * Whether the value of If-Match or If-None-Match (§13.1.1, §13.1.2) is `*`, or a list with a tag that
 * is the same as `etag`. What is malformed matches nothing. Each character is looked at once, and no
 * tag is taken out of the list: the longest has five thousand.
 * @param comparison strong: both are strong and the same; weak: without regard to the mark of weakness
 */
export function matchesTagList(
  value: string,
  etag: string,
  comparison: "strong" | "weak",
): boolean {
  const first = skipBlanks(value, 0);
  if (value[first] === "*") return skipBlanks(value, first + 1) === value.length;
  const opaque = stripWeakness(etag);
  const isEtagStrong = opaque === etag;
  let isFound = false;
  for (let at = skipSeparators(value, 0); at < value.length; ) {
    const isWeak = value.startsWith("W/", at);
    const start = isWeak ? at + 2 : at;
    const end = findTagEnd(value, start);
    if (end < 0) return false;
    const isSame = end - start === opaque.length && value.startsWith(opaque, start);
    isFound ||= isSame && (comparison === "weak" || (isEtagStrong && !isWeak));
    at = skipBlanks(value, end);
    if (at < value.length && value.charCodeAt(at) !== COMMA) return false;
    at = skipSeparators(value, at);
  }
  return isFound;
}

/** Behind the closing quote; -1 where no opaque tag (§8.8.3) begins at `start`. */
function findTagEnd(value: string, start: number): number {
  if (value.charCodeAt(start) !== QUOTE) return -1;
  for (let at = start + 1; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    // etagc: visible ASCII and what is beyond it, without blanks and DEL.
    if (code <= 0x20 || code === DEL) return -1;
  }
  return -1;
}

function skipBlanks(value: string, start: number): number {
  let at = start;
  while (isBlank(value.charCodeAt(at))) at++;
  return at;
}

/** Blanks and commas: an element of a list may be empty (§5.6.1.2). */
function skipSeparators(value: string, start: number): number {
  let at = start;
  for (
    let code = value.charCodeAt(at);
    isBlank(code) || code === COMMA;
    code = value.charCodeAt(at)
  )
    at++;
  return at;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** Strong comparison (§8.8.3.2): both strong and the same. */
export function isSameStrongly(a: string, b: string): boolean {
  return a === b && !a.startsWith("W/");
}

function stripWeakness(tag: string): string {
  return tag.startsWith("W/") ? tag.slice(2) : tag;
}
