// Percent-encoding of one path segment (RFC 3986 §2.1): from the raw bytes, so that a name that is not
// UTF-8 links rightly. Used by listings and redirects, so that both spell a path alike.

const UNRESERVED = /^[A-Za-z0-9._~-]*$/;

/** For each byte, how it stands in a URL: §2.3 unreserved as it is, all else as %XX. */
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
