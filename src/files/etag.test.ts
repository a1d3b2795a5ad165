import assert from "node:assert/strict";
import { test } from "node:test";
import { formatEtag, isSameStrongly, matchesTagList } from "./etag.ts";

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
    const isAny = expected === "any";
    assert.equal(matchesTagList(value, '"elsewhere"', "weak"), isAny);
    // Each of its tags is found, and nothing but them.
    for (const tag of ['"a"', '"b"', '"c"', '"a,b"', '""', '"a\xe4\\"', '"a b"', '"', ""]) {
      const isIn = !isAny && expected.some((each) => each.replace("W/", "") === tag);
      assert.equal(matchesTagList(value, tag, "weak"), isAny || isIn, tag);
      const isStrongIn = !isAny && expected.includes(tag);
      assert.equal(matchesTagList(value, tag, "strong"), isAny || isStrongIn, tag);
    }
  });
}

test("a list of 16 KiB is read to its end, well-formed or not", () => {
  const tags = Array.from({ length: 2000 }, (_, index) => `"${index}"`).join(" ,\t, ");
  assert.equal(matchesTagList(tags, '"1999"', "strong"), true);
  assert.equal(matchesTagList(tags, '"2000"', "strong"), false);
  assert.equal(matchesTagList(`${tags} x`, '"1"', "weak"), false);
  assert.equal(matchesTagList(`${tags}, "`, '"1"', "weak"), false);
  assert.equal(matchesTagList(`${" , ".repeat(5000)}x`, '"1"', "weak"), false);
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
    assert.deepEqual(
      [matchesTagList(a, b, "strong"), matchesTagList(b, a, "strong")],
      [strong, strong],
    );
    assert.deepEqual([matchesTagList(a, b, "weak"), matchesTagList(b, a, "weak")], [weak, weak]);
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
  for (const tag of tags) assert.equal(matchesTagList(`"x", ${tag}`, tag, "strong"), true);
});
