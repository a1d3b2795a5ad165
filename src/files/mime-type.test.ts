import assert from "node:assert/strict";
import { test } from "node:test";
import { contentTypeOf } from "./mime-type.ts";

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
  test(`a file named "${name}" is ${type}`, () => assert.equal(contentTypeOf(name), type));
}
