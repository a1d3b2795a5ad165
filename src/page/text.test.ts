import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { escapeHtml, formatJsonString, formatVisible } from "./text.ts";

const anyText = fc.string({ unit: "binary" });

test("escapeHtml turns each special character into an entity (& < > \" ')", () => {
  assert.equal(escapeHtml(`a & <b> "c" 'd'`), "a &amp; &lt;b&gt; &quot;c&quot; &#39;d&#39;");
});

test("escapeHtml leaves nothing that ends text or an attribute, and can be undone (any text)", () => {
  const entities: Record<string, string> = {
    "&amp;": "&",
    "&lt;": "<",
    "&gt;": ">",
    "&quot;": '"',
    "&#39;": "'",
  };
  fc.assert(
    fc.property(anyText, (text) => {
      const escaped = escapeHtml(text);
      assert.doesNotMatch(escaped, /[<>"']/);
      assert.equal(
        escaped.replace(/&[^;]*;/g, (entity) => entities[entity]!),
        text,
      );
    }),
  );
});

test("formatVisible shows what cannot be seen (table)", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["plain.txt", "plain.txt"],
    ["a\nb\r\tc", "a\\nb\\r\\tc"],
    ["\x00\x1b[31m\x7f\x9b", "\\x00\\x1b[31m\\x7f\\x9b"],
    ["\u202egpj.exe", "\\u{202e}gpj.exe"],
    ["\u2028\ufeff\u00ad", "\\u{2028}\\u{feff}\\xad"],
    ["tag\u{e0041}", "tag\\u{e0041}"],
    ["\ud800", "\ufffd"],
    ["👨‍👩‍👧 נ ü 漢", "👨‍👩‍👧 נ ü 漢"],
  ];
  for (const [text, expected] of cases) assert.equal(formatVisible(text), expected);
});

test("formatVisible gives one line of well-formed text that it leaves as it is (any text)", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const visible = formatVisible(text);
      assert.ok(visible.isWellFormed());
      assert.doesNotMatch(visible, /\p{Cc}|[\u2028\u2029]|\p{Bidi_Control}/u);
      assert.equal(formatVisible(visible), visible);
    }),
  );
});

test("formatJsonString parses back to the same text and holds no control character (any text)", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const json = formatJsonString(text);
      assert.equal(JSON.parse(json), text);
      assert.doesNotMatch(json, /\p{Cc}|\p{Bidi_Control}/u);
    }),
  );
});

test("formatJsonString escapes a character beyond the first plane as two units (U+E0041)", () => {
  assert.equal(formatJsonString("\u{e0041}"), '"\\udb40\\udc41"');
});
