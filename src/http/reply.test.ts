import assert from "node:assert/strict";
import { test } from "node:test";
import { formatField, textReply, withFields } from "./reply.ts";

const VALUES: readonly (readonly [string, string])[] = [
  ["plain", "plain"],
  ["a\r\nSet-Cookie: b", "a  Set-Cookie: b"],
  ["a\nb\rc\0d\x7f\x1b", "a b c d  "],
  ["\xfc", "\xfc"],
  ["\u20ac\u{1f600}", "?"],
];

for (const [value, expected] of VALUES) {
  test(`a field's value ends no line and is Latin-1 [${JSON.stringify(value)}]`, () => {
    const line = formatField("A", value);
    assert.match(line, /^A: [\x20-\x7e\xa0-\xff]*\r\n$/);
    assert.ok(line.startsWith(`A: ${expected}`));
  });
}

test("textReply counts bytes, not characters, and withFields adds behind", () => {
  const reply = withFields(textReply(200, "text/plain", "\u00fc", "A: b\r\n"), "C: d\r\n");
  assert.equal(reply.fields, "Content-Type: text/plain\r\nA: b\r\nC: d\r\n");
  assert.ok(reply.body.kind === "bytes" && reply.body.bytes.length === 2);
});
