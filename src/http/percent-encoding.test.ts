import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { percentEncodeSegment } from "./percent-encoding.ts";

test("RFC 3986 §2.3: unreserved characters stay, all else is encoded (table)", () => {
  const table: readonly (readonly [string, string])[] = [
    ["a-z_0.9~A", "a-z_0.9~A"],
    ["a b", "a%20b"],
    ["a%20b", "a%2520b"],
    ["a/b?c#d", "a%2Fb%3Fc%23d"],
    ["+&=;:@", "%2B%26%3D%3B%3A%40"],
    ["\\\"'<>", "%5C%22%27%3C%3E"],
    ["\n\x00\x7f", "%0A%00%7F"],
    ["\xc3\xbc", "%C3%BC"],
    ["\xff", "%FF"],
  ];
  for (const [name, expected] of table) assert.equal(percentEncodeSegment(name), expected);
});

test("any bytes decode back to themselves", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const encoded = percentEncodeSegment(Buffer.from(bytes).toString("latin1"));
      assert.match(encoded, /^(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})*$/);
      const decoded = encoded.replaceAll(/%(..)/g, (_, hex) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      );
      assert.deepEqual(Buffer.from(decoded, "latin1"), Buffer.from(bytes));
    }),
  );
});
