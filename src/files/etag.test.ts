import assert from "node:assert/strict";
import { test } from "node:test";
import { formatEtag, isSameStrongly, isSameWeakly, parseTagList } from "./etag.ts";

const LISTS: readonly (readonly [string, readonly string[] | "any"])[] = [
  ["*", "any"],
  [" * ", "any"],
  ['"a"', ['"a"']],
  ['W/"a"', ['W/"a"']],
  ['"a", W/"b" ,"c"', ['"a"', 'W/"b"', '"c"']],
  ['"a,b"', ['"a,b"']],
  ['""', ['""']],
  [', ,"a",,', ['"a"']],
  ['"a\xe4\\"', ['"a\xe4\\"']],
  ["", []],
  ["a", []],
  ['"a', []],
  ['"a" "b"', []],
  ['w/"a"', []],
  ['"a b"', []],
  ['"a", *', []],
  ['"a", b', []],
  ["'a'", []],
  ["\xa0*", []],
  ['"a"\xa0', []],
];

for (const [value, expected] of LISTS) {
  test(`RFC 9110 §8.8.3: the list [${value}] holds ${expected === "any" ? "any" : expected.length}`, () => {
    const parsed = parseTagList(value);
    assert.deepEqual(parsed.kind === "any" ? "any" : [...parsed.tags], expected);
  });
}

test("a list of 16 KiB is read at once, well-formed or not", () => {
  const tags = Array.from({ length: 2000 }, (_, index) => `"${index}"`).join(" ,\t, ");
  const parsed = parseTagList(tags);
  assert.equal(parsed.kind === "tags" && parsed.tags.length, 2000);
  assert.deepEqual(parseTagList(`${tags} x`), { kind: "tags", tags: [] });
  assert.deepEqual(parseTagList(`${" , ".repeat(5000)}x`), { kind: "tags", tags: [] });
});

/** RFC 9110 §8.8.3.2, the table there. */
const COMPARED: readonly (readonly [string, string, boolean, boolean])[] = [
  ['W/"1"', 'W/"1"', false, true],
  ['W/"1"', 'W/"2"', false, false],
  ['W/"1"', '"1"', false, true],
  ['"1"', '"1"', true, true],
];

for (const [a, b, strong, weak] of COMPARED) {
  test(`RFC 9110 §8.8.3.2: ${a} and ${b} are the same strongly: ${strong}, weakly: ${weak}`, () => {
    assert.deepEqual([isSameStrongly(a, b), isSameStrongly(b, a)], [strong, strong]);
    assert.deepEqual([isSameWeakly(a, b), isSameWeakly(b, a)], [weak, weak]);
  });
}

test("a tag is strong, one that a list can hold, and another for each version and coding", () => {
  const tags = [
    formatEtag("a-1"),
    formatEtag("a-2"),
    formatEtag("a-1", "br"),
    formatEtag("a-1", "gzip"),
  ];
  assert.equal(new Set(tags).size, tags.length);
  for (const tag of tags) assert.deepEqual(parseTagList(tag), { kind: "tags", tags: [tag] });
});
