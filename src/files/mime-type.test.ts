import assert from "node:assert/strict";
import { test } from "node:test";
import type { ContentLook } from "./content-look.ts";
import { contentTypeOf, decideContentType, typeByName } from "./mime-type.ts";

const UNKNOWN = "application/octet-stream";

const TYPES: readonly (readonly [string, string])[] = [
  ["index.html", "text/html; charset=utf-8"],
  ["INDEX.HTM", "text/html; charset=utf-8"],
  ["a.b.css", "text/css; charset=utf-8"],
  ["a.js", "text/javascript; charset=utf-8"],
  ["a.mjs", "text/javascript; charset=utf-8"],
  ["a.json", "application/json"],
  ["a.svg", "image/svg+xml"],
  ["a.png", "image/png"],
  ["a.jpg", "image/jpeg"],
  ["a.jpeg", "image/jpeg"],
  ["a.pdf", "application/pdf"],
  ["a.txt", "text/plain; charset=utf-8"],
  ["a.md", "text/markdown; charset=utf-8"],
  ["a.csv", "text/csv; charset=utf-8"],
  ["a.wasm", "application/wasm"],
  ["a.woff2", "font/woff2"],
  ["a.mp4", "video/mp4"],
  ["a.gz", "application/gzip"],
  ["\xc3\xbc.html", "text/html; charset=utf-8"],
  ["a\\b.png", "image/png"],
  ["a.html.unknown-type", UNKNOWN],
  ["a.html ", UNKNOWN],
  ["a.", UNKNOWN],
  ["Makefile", UNKNOWN],
  ["", UNKNOWN],
  // An extension stands behind a dot, and the dot behind a name.
  ["html", UNKNOWN],
  ["png", UNKNOWN],
  [".html", UNKNOWN],
  ["a.constructor", UNKNOWN],
  ["a.__proto__", UNKNOWN],
];

for (const [name, type] of TYPES) {
  test(`an encoded file named "${name}" is ${type}`, () => assert.equal(contentTypeOf(name), type));
}

const PLAIN = "text/plain; charset=utf-8";

/** Names, what their bytes are, and what their type is then. */
const BY_BYTES: readonly (readonly [name: string, look: ContentLook, type: string])[] = [
  ["README", "utf-8", PLAIN],
  ["LICENSE", "other-text", "text/plain"],
  ["Makefile", "binary", UNKNOWN],
  ["a.unknown", "utf-16le", "text/plain; charset=utf-16le"],
  ["a.unknown", "gzip", UNKNOWN],
  ["a.py", "utf-8", PLAIN],
  ["a.rs", "utf-8", PLAIN],
  ["a.RS", "binary", "application/rls-services+xml"],
  ["a.ts", "utf-8", PLAIN],
  ["a.mts", "utf-16be", "text/plain; charset=utf-16be"],
  ["a.ts", "mpeg-ts", "video/mp2t"],
  ["a.m2ts", "mpeg-ts", "video/mp2t"],
  ["a.mts", "mpeg-ts", "video/mp2t"],
  ["a.ts", "binary", UNKNOWN],
  ["a.key", "utf-8", PLAIN],
  ["a.key", "binary", "application/vnd.apple.keynote"],
  ["a.c", "utf-8", PLAIN],
  ["a.c", "binary", UNKNOWN],
  ["a.yaml", "utf-8", PLAIN],
  ["a.bin", "binary", UNKNOWN],
  // What a browser would run is what its name says, never what its bytes look like.
  ["a.html", "binary", "text/html; charset=utf-8"],
  ["a.html", "other-text", "text/html"],
  ["a.html", "utf-16le", "text/html; charset=utf-16le"],
  ["a.js", "utf-8", "text/javascript; charset=utf-8"],
  ["a.csv", "other-text", "text/csv"],
  ["a.vcf", "utf-8", "text/x-vcard; charset=utf-8"],
  ["a.svg", "utf-8", "image/svg+xml"],
  ["a.json", "other-text", "application/json"],
  ["a.png", "utf-8", "image/png"],
  ["a.mp4", "mpeg-ts", "video/mp4"],
];

for (const [name, look, type] of BY_BYTES) {
  test(`a file named "${name}" whose bytes are ${look} is ${type}`, () => {
    assert.equal(decideContentType(typeByName(name), look), type);
  });
}

test("no bytes make a page, a script or a style of what is not named so", () => {
  const names = ["a", "a.unknown", "a.ts", "a.rs", "a.php", "a.bin", "a.html.bak", ".html", "html"];
  const looks = [
    "utf-8",
    "utf-16le",
    "utf-16be",
    "other-text",
    "mpeg-ts",
    "gzip",
    "binary",
  ] as const;
  for (const name of names) {
    for (const look of looks) {
      const type = decideContentType(typeByName(name), look);
      assert.doesNotMatch(type, /html|javascript|css|svg|application\/xml/, `${name}, ${look}`);
    }
  }
});
