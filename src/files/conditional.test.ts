import assert from "node:assert/strict";
import { test } from "node:test";
import { formatHttpDate } from "../http/http-date.ts";
import type { FieldName } from "../http/request.ts";
import { type ConditionOutcome, evaluateConditions, isRangeWanted } from "./conditional.ts";

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
