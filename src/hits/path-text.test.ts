import assert from "node:assert/strict";
import { test } from "node:test";
import { decodePath, encodePath } from "./path-text.ts";

test("every byte goes out as printable ASCII and comes back as it was [all 256]", () => {
  const path = `/${String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte))}`;
  assert.match(encodePath(path), /^[\x21-\x7e]+$/);
  assert.equal(decodePath(encodePath(path)), path);
});

const TEXTS: readonly [text: string, path: string][] = [
  ["/a%2Cb", "/a,b"],
  ["/a%2cb", "/a,b"],
  ["/100%", "/100%"],
  ["/two\nlines", "/two\nlines"],
  ["/caf\u00e9", "/caf\xc3\xa9"],
  ["/caf%C3%A9 \u20ac", "/caf\xc3\xa9 \xe2\x82\xac"],
];

for (const [text, path] of TEXTS) {
  test(`a path written by hand is read [${JSON.stringify(text)}]`, () => {
    assert.equal(decodePath(text), path);
  });
}
