import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import {
  type ContentLook,
  contentTypeOf,
  decideContentType,
  LOOK_BYTES_MAX,
  lookAtBytes,
  typeByName,
} from "./content-types.ts";

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

function packets(lengthBytes: number, syncAt: number, count: number): Buffer {
  const stream = Buffer.alloc(lengthBytes * count, 0x00);
  for (let at = syncAt; at < stream.length; at += lengthBytes) stream[at] = 0x47;
  return stream;
}

const TEXT = "Zeile für Zeile, ☂\n";

const LOOKS: readonly (readonly [what: string, bytes: Buffer, look: string])[] = [
  ["nothing", Buffer.alloc(0), "utf-8"],
  ["ASCII", Buffer.from("all:\n\tcc -o a a.c\r\n"), "utf-8"],
  ["UTF-8", Buffer.from(TEXT), "utf-8"],
  ["UTF-8 with a mark", Buffer.from(`\ufeff${TEXT}`), "utf-8"],
  ["colours of a log", Buffer.from("\x1b[31mred\x1b[0m\n"), "utf-8"],
  ["a page", Buffer.from("<!doctype html><script>alert(1)</script>"), "utf-8"],
  ["form feeds", Buffer.from("page\fpage"), "utf-8"],
  ["UTF-16, little", Buffer.from(`\ufeff${TEXT}`, "utf16le"), "utf-16le"],
  ["UTF-16, big", Buffer.from(`\ufeff${TEXT}`, "utf16le").swap16(), "utf-16be"],
  ["UTF-16 without a mark", Buffer.from("abc", "utf16le"), "binary"],
  ["UTF-32", Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]), "binary"],
  ["Latin-1", Buffer.from("Zeile für Zeile, größer\n", "latin1"), "other-text"],
  ["a text in KOI8-R", Buffer.alloc(600, Buffer.from([0xf0, 0xd2, 0xc9, 0x20])), "other-text"],
  ["a few high bytes", Buffer.from([0xf0, 0xd2, 0xc9, 0xd7]), "binary"],
  ["a NUL in a text", Buffer.from("text\0text"), "binary"],
  ["a picture", Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), "binary"],
  ["a gzip", gzipSync(TEXT), "gzip"],
  ["packets", packets(188, 0, 5), "mpeg-ts"],
  ["one packet", packets(188, 0, 1), "mpeg-ts"],
  ["packets, cut", packets(188, 0, 50).subarray(0, LOOK_BYTES_MAX), "mpeg-ts"],
  ["packets with times", packets(192, 4, 5), "mpeg-ts"],
  ["packets with one astray", Buffer.concat([packets(188, 0, 3), Buffer.alloc(188)]), "binary"],
  ["too little for a packet", packets(188, 0, 1).subarray(0, 100), "binary"],
];

for (const [what, bytes, look] of LOOKS) {
  test(`${what} is ${look}`, () => assert.equal(lookAtBytes(bytes, true), look));
}

test("a beginning that ends within a letter is UTF-8, a whole file that does is not", () => {
  for (const letter of ["ü", "☂", "🌊"]) {
    const bytes = Buffer.from(`${"text ".repeat(20)}${letter}`);
    for (let end = bytes.length - Buffer.byteLength(letter) + 1; end < bytes.length; end++) {
      assert.equal(lookAtBytes(bytes.subarray(0, end), false), "utf-8");
      assert.equal(lookAtBytes(bytes.subarray(0, end), true), "other-text");
    }
  }
});

test("random bytes of a disk's page are no text (100 times)", () => {
  for (let turn = 0; turn < 100; turn++) {
    const look = lookAtBytes(randomBytes(LOOK_BYTES_MAX), false);
    assert.match(look, /^(binary|gzip|utf-16.e)$/);
  }
});
