import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { LOOK_BYTES_MAX, lookAtBytes } from "./content-look.ts";

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
