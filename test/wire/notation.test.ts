import assert from "node:assert/strict";
import { test } from "node:test";
import { parseNotation, parseSentLines } from "./notation.ts";

const READ: readonly [string, string][] = [
  ["", ""],
  ["GET / {} ~", "GET / {} ~"],
  ["\\r\\n\\t\\\\", "\r\n\t\\"],
  ["\\x00\\xff\\x0a", "\x00\xff\n"],
  ["\\{ab*3}c", "abababc"],
  ["\\{a\\r\\n*2}", "a\r\na\r\n"],
  ["\\{\\x5c*2}", "\\\\"],
];

for (const [text, expected] of READ) {
  test(`parseNotation reads ${JSON.stringify(text)}`, () => {
    assert.equal(parseNotation(text).toString("latin1"), expected);
  });
}

const REFUSED = [
  "\\",
  "\\q",
  "\\x0",
  "\\xAB",
  "\\{}",
  "\\{a}",
  "\\{a*}",
  "é",
  "\t",
  "\\{a*9999999}",
];

for (const text of REFUSED) {
  test(`parseNotation refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseNotation(text));
  });
}

test("parseSentLines ends every line in CRLF, but for one with a backslash at its end", () => {
  const lines = ["GET / HTTP/1.1", "", "open\\", "lf\\n\\", "slash\\\\", "\\"];
  assert.equal(
    parseSentLines(lines).toString("latin1"),
    "GET / HTTP/1.1\r\n\r\nopenlf\nslash\\\r\n",
  );
});

test("parseSentLines refuses a blank at the end of a line, which no one sees", () => {
  assert.throws(() => parseSentLines(["GET / HTTP/1.1 "]), /write a blank .* as \\x20/);
});
