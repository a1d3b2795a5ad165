import assert from "node:assert/strict";
import { test } from "node:test";
import { formatHttpDate } from "../../http/field-values.ts";
import type { FieldName } from "../../http/request.ts";
import {
  type ConditionOutcome,
  evaluateConditions,
  formatEtag,
  isRangeWanted,
  isSameStrongly,
  matchesTagList,
} from "./conditions.ts";

const NOW_MS = Date.UTC(2026, 10, 23, 12);
const MODIFIED_MS = Date.UTC(2026, 10, 1, 9, 30, 15, 700);
const CURRENT = { etag: '"now"', modifiedMs: MODIFIED_MS, dating: "exact" } as const;

const SAME = formatHttpDate(MODIFIED_MS);
const EARLIER = formatHttpDate(MODIFIED_MS - 1000);
const LATER = formatHttpDate(MODIFIED_MS + 1000);

type Fields = Partial<Record<FieldName, string>>;

function fieldMap(fields: Fields): ReadonlyMap<FieldName, string> {
  return new Map(Object.entries(fields) as [FieldName, string][]);
}

function show(fields: Fields): string {
  const text = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  return text.length === 0 ? "no condition" : text.join("; ");
}

/** RFC 9110 §13.2.2: the step that decides, the fields, the outcome. */
const CONDITIONS: readonly (readonly [string, Fields, ConditionOutcome])[] = [
  ["", {}, "perform"],
  ["step 1", { "if-match": "*" }, "perform"],
  ["step 1", { "if-match": '"now"' }, "perform"],
  ["step 1", { "if-match": '"old", "now"' }, "perform"],
  ["step 1", { "if-match": '"old"' }, "precondition-failed"],
  ["step 1, strong comparison", { "if-match": 'W/"now"' }, "precondition-failed"],
  ["step 1", { "if-match": "now" }, "precondition-failed"],
  ["step 1", { "if-match": "" }, "precondition-failed"],
  ["step 2", { "if-unmodified-since": SAME }, "perform"],
  ["step 2", { "if-unmodified-since": LATER }, "perform"],
  ["step 2", { "if-unmodified-since": EARLIER }, "precondition-failed"],
  ["step 2, §13.1.4 no date", { "if-unmodified-since": "yesterday" }, "perform"],
  ["step 2, §13.1.4 a list", { "if-unmodified-since": `${EARLIER}, ${EARLIER}` }, "perform"],
  ["step 1 skips 2", { "if-match": '"now"', "if-unmodified-since": EARLIER }, "perform"],
  ["step 1 before 2", { "if-match": '"old"', "if-unmodified-since": LATER }, "precondition-failed"],
  ["step 3", { "if-none-match": "*" }, "not-modified"],
  ["step 3", { "if-none-match": '"now"' }, "not-modified"],
  ["step 3, weak comparison", { "if-none-match": 'W/"now"' }, "not-modified"],
  ["step 3", { "if-none-match": '"old", "now"' }, "not-modified"],
  ["step 3", { "if-none-match": '"old"' }, "perform"],
  ["step 3", { "if-none-match": "now" }, "perform"],
  ["step 4", { "if-modified-since": SAME }, "not-modified"],
  ["step 4", { "if-modified-since": LATER }, "not-modified"],
  ["step 4", { "if-modified-since": EARLIER }, "perform"],
  ["step 4, §13.1.3 no date", { "if-modified-since": "tomorrow" }, "perform"],
  ["step 3 skips 4", { "if-none-match": '"old"', "if-modified-since": LATER }, "perform"],
  ["step 3 skips 4", { "if-none-match": '"now"', "if-modified-since": EARLIER }, "not-modified"],
  ["step 3 skips 4", { "if-none-match": "", "if-modified-since": LATER }, "perform"],
  ["step 1, then 3", { "if-match": '"now"', "if-none-match": '"now"' }, "not-modified"],
  ["step 1 before 3", { "if-match": '"old"', "if-none-match": '"now"' }, "precondition-failed"],
  ["step 2, then 4", { "if-unmodified-since": SAME, "if-modified-since": SAME }, "not-modified"],
  [
    "step 2 before 4",
    { "if-unmodified-since": EARLIER, "if-modified-since": LATER },
    "precondition-failed",
  ],
  [
    "step 2 before 3",
    { "if-unmodified-since": EARLIER, "if-none-match": '"now"' },
    "precondition-failed",
  ],
];

for (const [step, fields, expected] of CONDITIONS) {
  test(`RFC 9110 §13.2.2 ${step} [${show(fields)}]: ${expected}`, () => {
    assert.equal(evaluateConditions(fieldMap(fields), CURRENT, NOW_MS), expected);
  });
}

/** The value of If-Range, when the file was modified, whether the Range counts. */
const RANGES: readonly (readonly [string | undefined, number, boolean])[] = [
  [undefined, MODIFIED_MS, true],
  ['"now"', MODIFIED_MS, true],
  ['"old"', MODIFIED_MS, false],
  ['W/"now"', MODIFIED_MS, false],
  ['"now", "old"', MODIFIED_MS, false],
  ["*", MODIFIED_MS, false],
  ["", MODIFIED_MS, false],
  [SAME, MODIFIED_MS, true],
  // Exactly: unlike If-Unmodified-Since, a later date is another version.
  [LATER, MODIFIED_MS, false],
  [EARLIER, MODIFIED_MS, false],
  ["garbage", MODIFIED_MS, false],
  // Within this second the file may change again and keep its date (§8.8.2.2).
  [formatHttpDate(NOW_MS), NOW_MS, false],
  [formatHttpDate(NOW_MS - 1), NOW_MS - 1, true],
  [formatHttpDate(NOW_MS - 1000), NOW_MS - 1000, true],
];

for (const [ifRange, modifiedMs, expected] of RANGES) {
  test(`RFC 9110 §13.1.5: If-Range [${ifRange}] ${NOW_MS - modifiedMs} ms after the change lets Range count: ${expected}`, () => {
    const fields = fieldMap(ifRange === undefined ? {} : { "if-range": ifRange });
    assert.equal(
      isRangeWanted(fields, { etag: '"now"', modifiedMs, dating: "exact" }, NOW_MS),
      expected,
    );
  });
}

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
