import assert from "node:assert/strict";
import { test } from "node:test";
import { LatencyHistogram } from "./latency-histogram.ts";
import type { LoadResult } from "./result.ts";
import { findMissed, parseThresholds } from "./threshold.ts";

function latencyOf(...values: number[]) {
  const histogram = new LatencyHistogram();
  for (const value of values) histogram.record(value);
  return histogram.summarize()!;
}

const figures = {
  ...{ total: 200, admitted: 150, refused: 40, failed: 10, late: 3, neverSent: 50 },
  rate: { achieved: 1000, admitted: 750 },
  byStatus: { 200: 150, 429: 40, 500: 4 },
  latencyMs: { all: latencyOf(...Array.from({ length: 1000 }, (_, index) => index + 1)) },
};
const result = figures as unknown as LoadResult;

function missed(text: string, of = result): string[] {
  return findMissed(parseThresholds(text), of);
}

for (const [holds, fails] of [
  ["p99>900ms", "p99>1s"],
  ["p50<=510ms", "p50<400ms"],
  ["p99.9>990ms", "p99.9>999ms"],
  ["max>=1s", "max>1s"],
  ["min<1.1ms", "min<1ms"],
  ["mean>500ms", "mean>501ms"],
  ["errors>4%", "errors>5%"],
  ["errors>9", "errors>10"],
  ["refused>10%", "refused>20%"],
  ["admitted<80%", "admitted<75%"],
  ["status:500>0", "status:503>0"],
  ["late>2", "late>3"],
  ["never-sent>19%", "never-sent>20%"],
  ["rate<=1000/s", "rate<1000/s"],
  ["admitted-rate<800/s", "admitted-rate<700/s"],
] as const) {
  test(`${holds} is missed and ${fails} is not`, () => {
    assert.equal(missed(holds).length, 1);
    assert.ok(missed(holds)[0]!.startsWith(`${holds}: it was `));
    assert.deepEqual(missed(fails), []);
  });
}

test("several conditions are read from commas and lines, each with its figure", () => {
  assert.deepEqual(missed("errors>1%, status:500 > 0\nrate<1/s\nmax > 1ms"), [
    "errors>1%: it was 5.00%",
    "status:500 > 0: it was 4",
    "max > 1ms: it was 1000.00 ms",
  ]);
});

test("the latency of an open run counts from when a request was due", () => {
  const open = { ...figures, latencyFromDueMs: { all: latencyOf(5000) } } as unknown as LoadResult;
  assert.equal(missed("p99>2s", open).length, 1);
});

test("a latency where nothing was answered is missed, and a share of nothing is 0", () => {
  const none = { ...figures, total: 0, failed: 0, latencyMs: {} } as unknown as LoadResult;
  assert.deepEqual(missed("p99>200ms", none), ["p99>200ms: there was no answer"]);
  assert.deepEqual(missed("errors>1%", none), []);
});

for (const [text, allowed] of [
  ["", /^give a condition such as p99>200ms/],
  ["p99", /^give a condition/],
  ["p99=5ms", /^give a condition/],
  ["p101>5ms", /^give a condition/],
  ["speed>5", /^give a condition/],
  ["status:5xx>0", /^give a condition/],
  ["p99>200", /^give a duration, such as p99>200ms/],
  ["rate<1000", /^give requests a second, such as rate<1000\/s/],
  ["errors>1ms", /^give requests or a share/],
  ["errors>0.5", /^give requests or a share/],
] as const) {
  test(`what is no condition is refused (${JSON.stringify(text)})`, () => {
    assert.throws(() => parseThresholds(text), { name: "UsageError", message: allowed });
  });
}
