import assert from "node:assert/strict";
import { test } from "node:test";
import { escapeText, formatAsciiJson } from "./log-text.ts";

const TEXTS: readonly (readonly [text: string, escaped: string, json: string])[] = [
  ["", "", '""'],
  ["curl/8", "curl/8", '"curl/8"'],
  ['a"b\\c', "a\\x22b\\x5cc", '"a\\"b\\\\c"'],
  ["a\tb", "a\\x09b", '"a\\tb"'],
  ["\x00\x1b\x7f", "\\x00\\x1b\\x7f", '"\\u0000\\u001b\\u007f"'],
  ["\xe4\xff", "\\xe4\\xff", '"\\u00e4\\u00ff"'],
  // Exactly as long as may be, and one more.
  ["0123456789abcdefghij", "0123456789abcdefghij", '"0123456789abcdefghij"'],
  ["0123456789abcdefghijk", "0123456789abcdefghij...", '"0123456789abcdefghij..."'],
  // No escape is cut in two.
  [`${"a".repeat(17)}"b`, `${"a".repeat(17)}...`, `"${"a".repeat(17)}\\"b"`],
  [`${"a".repeat(17)}\xe4`, `${"a".repeat(17)}...`, `"${"a".repeat(17)}..."`],
  ['"'.repeat(16_000), `${"\\x22".repeat(5)}...`, `"${'\\"'.repeat(10)}..."`],
];

for (const [text, escaped, json] of TEXTS) {
  test(`the text ${JSON.stringify(text.slice(0, 30))} of ${text.length} in 20 characters of a line`, () => {
    assert.equal(escapeText(text, 20), escaped);
    assert.equal(formatAsciiJson(text, 20), json);
    assert.ok(text.startsWith((JSON.parse(json) as string).replace(/\.\.\.$/, "")));
  });
}
