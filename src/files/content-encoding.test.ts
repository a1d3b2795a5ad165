import assert from "node:assert/strict";
import { test } from "node:test";
import { acceptedCodings, gainsFromCoding } from "./content-encoding.ts";

/** Accept-Encoding, and what may be sent, best first. */
const FIELDS: readonly (readonly [string | undefined, string])[] = [
  // RFC 9110 §12.5.3: without the field any coding is allowed, but none is needed.
  [undefined, "identity"],
  ["", "identity"],
  ["identity", "identity"],
  ["gzip", "gzip identity"],
  ["br", "br identity"],
  ["zstd", "zstd identity"],
  ["GZip", "gzip identity"],
  // Among equals the order is ours.
  ["gzip, zstd, br", "br zstd gzip identity"],
  ["gzip, deflate, br, zstd", "br zstd gzip identity"],
  ["zstd;q=0.7, gzip;q=0.7", "zstd gzip identity"],
  ["gzip,identity", "gzip identity"],
  // Otherwise it is the client's.
  ["gzip;q=0.5, br;q=0.1", "gzip br identity"],
  ["br;q=0.1, gzip;q=0.5, zstd;q=0.3", "gzip zstd br identity"],
  ["gzip;q=0.5, br", "br gzip identity"],
  ["gzip ; Q=0.5 ,br;q=1.000", "br gzip identity"],
  ["identity, gzip;q=0.5", "identity gzip"],
  ["identity;q=0.5, gzip;q=0.4, br;q=0.6", "br identity gzip"],
  // Refused.
  ["br;q=0", "identity"],
  ["br;q=0.000, gzip", "gzip identity"],
  ["gzip;q=0", "identity"],
  ["*", "br zstd gzip identity"],
  ["*, br;q=0", "zstd gzip identity"],
  ["*;q=0", ""],
  ["*;q=0, gzip", "gzip"],
  ["*;q=0, identity", "identity"],
  ["gzip, *;q=0", "gzip"],
  ["identity;q=0", ""],
  ["identity;q=0, br", "br"],
  ["identity;q=0, gzip;q=0.1, br;q=0", "gzip"],
  ["identity;q=0, *", "br zstd gzip"],
  // Unknown.
  ["x-gzip", "identity"],
  ["deflate, compress", "identity"],
  ["deflate;q=0", "identity"],
  ["__proto__, constructor", "identity"],
  // Empty elements of a list mean nothing (§5.6.1.2).
  [",,", "identity"],
  [", gzip,,br ,", "br gzip identity"],
  // Malformed: it says nothing.
  ["gzip;q=-1", "identity"],
  ["gzip;q=2", "identity"],
  ["gzip;q=1.001", "identity"],
  ["gzip;q=0.0001", "identity"],
  ["gzip;q=abc", "identity"],
  ["gzip;q=", "identity"],
  ["gzip;q", "identity"],
  ["gzip;level=9", "identity"],
  ["gzip;q=1;q=0", "identity"],
  ["gzip;;q=1", "identity"],
  ["gzip br", "identity"],
  [";q=1", "identity"],
  ['"gzip"', "identity"],
  ["identity;q=-1, gzip", "identity"],
  ["gzip\u00e9", "identity"],
];

for (const [field, expected] of FIELDS) {
  const what = field === undefined ? "no Accept-Encoding" : `Accept-Encoding: [${field}]`;
  test(`RFC 9110 §12.5.3: ${what} takes ${expected || "nothing"}`, () => {
    assert.equal(acceptedCodings(field).join(" "), expected);
  });
}

// A pattern that tries the same blanks again and again would never get through these.
for (const piece of ["gzip,", "a;q=0.1 ,", " ,\t", "a ; q=0 ", "gzip;q=1", "a\t;"]) {
  test(`16 KiB of [${piece}] and what is malformed take the bytes as they are`, () => {
    const field = `${piece.repeat(16_384 / piece.length)}!"`;
    assert.deepEqual(acceptedCodings(field), ["identity"]);
  });
}

const TYPES: readonly (readonly [string, boolean])[] = [
  ["text/html; charset=utf-8", true],
  ["text/plain; charset=utf-8", true],
  ["text/css", true],
  ["text/javascript; charset=utf-8", true],
  ["application/json", true],
  ["application/ld+json", true],
  ["application/xhtml+xml", true],
  ["application/wasm", true],
  ["image/svg+xml", true],
  ["font/ttf", true],
  ["image/png", false],
  ["image/jpeg", false],
  ["video/mp4", false],
  ["application/pdf", false],
  ["application/gzip", false],
  ["application/zip", false],
  ["application/octet-stream", false],
  ["font/woff2", false],
  // Only the type itself counts, not its parameters.
  ["application/octet-stream; like=text/plain+xml", false],
];

for (const [type, gains] of TYPES) {
  test(`${type} ${gains ? "gains" : "does not gain"} from a coding`, () => {
    assert.equal(gainsFromCoding(type), gains);
  });
}

test("a field longer than any that is meant says nothing [gzip and 16 KiB more, identity;q=0]", () => {
  const rest = ", x-a;q=0.5".repeat(1500);
  assert.deepEqual(acceptedCodings(`gzip${rest}`), ["identity"]);
  assert.deepEqual(acceptedCodings(`identity;q=0${rest}`), ["identity"]);
  const atBound = `gzip${", x".repeat(340)}`;
  assert.deepEqual(acceptedCodings(atBound), ["gzip", "identity"]);
});
