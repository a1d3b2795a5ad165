import assert from "node:assert/strict";
import { test } from "node:test";
import { latency, limitedResult } from "../../../test/fixtures/load-results.ts";
import type { LoadResult } from "../result.ts";
import { compareRounds } from "./comparison.ts";
import { formatComparison, formatComparisonJson } from "./text.ts";

const names = ["http://a/", "http://b/"] as const;

/** Rounds of a clean run, A and B in turn, one a second. */
function makeRounds(rates: readonly number[], p50s: readonly number[], offsetMs = 0): LoadResult[] {
  return rates.map((rate, index) => {
    const summary = { ...latency, p50: p50s[index]!, p90: 2 * p50s[index]!, p99: 9 + (index % 3) };
    return {
      ...limitedResult,
      started: new Date(index * 2000 + offsetMs).toISOString(),
      ...{ total: 100, answered: 100, admitted: 100, refused: 0 },
      rate: { achieved: rate, admitted: rate },
      latencyMs: { all: summary },
    };
  });
}

const rates = [100, 101, 102, 103, 104, 105, 106];
const p50s = [1, 1.01, 1.02, 1.03, 1.04, 1.05, 1.06];
const a = makeRounds(rates, p50s);
const twiceAsFast = makeRounds(
  rates.map((rate) => 2 * rate),
  p50s.map((ms) => ms / 2),
  1000,
);

test("7 rounds against 7 that are twice as fast: the effect is 2, beyond noise", () => {
  const lines = formatComparison(a, twiceAsFast, names).split("\n");
  assert.deepEqual(lines.slice(0, 4), [
    "A  http://a/",
    "B  http://b/",
    "",
    "Medians of 7 rounds each",
  ]);
  const rate = lines.find((line) => line.startsWith("  rate "))!;
  assert.match(
    rate,
    /^ {2}rate +103\/s +206\/s +× 2\.000 +× 1\.9\d\d to × 2\.0\d\d {2}B is better$/,
  );
  const p50 = lines.find((line) => line.startsWith("  p50 "))!;
  assert.match(p50, /1\.03 ms +0\.515 ms +× 0\.500 .* B is better$/);
  const p99 = lines.find((line) => line.startsWith("  p99 "))!;
  assert.match(p99, /× 1\.000 .* within noise$/);
  for (const line of lines) assert.ok(line.length <= 80, line);
  assert.doesNotMatch(lines.join("\n"), /refused|errors|different settings|after the other/);
});

test("the other way round B is worse by as much", () => {
  const there = compareRounds(a, twiceAsFast).figures[0]!;
  const back = compareRounds(twiceAsFast, a).figures[0]!;
  assert.deepEqual([there.verdict, back.verdict], ["better", "worse"]);
  assert.ok(Math.abs(there.interval!.estimate * back.interval!.estimate - 1) < 1e-12);
});

test("a series against itself is within noise in every figure", () => {
  for (const { verdict, name } of compareRounds(a, a).figures) {
    assert.equal(verdict, "within noise", name);
  }
});

for (const count of [1, 3]) {
  test(`nothing is claimed of ${count} and ${count}, however far apart, and more is advised`, () => {
    const text = formatComparison(a.slice(0, count), twiceAsFast.slice(0, count), names);
    assert.match(text, /No claim: /);
    assert.match(text.replaceAll("\n", " "), /--rounds 7/);
    assert.doesNotMatch(text, /better|worse|noise:|interval by itself/);
    const { figures } = compareRounds(a.slice(0, count), twiceAsFast.slice(0, count));
    assert.ok(figures.length > 0);
    for (const { verdict, interval } of figures) {
      assert.deepEqual([verdict, interval], ["unclaimed", undefined]);
    }
  });
}

test("refused and failed requests are compared by their shares, as differences", () => {
  const failing = a.map((round, index) => ({ ...round, admitted: 90, failed: 10 + (index % 2) }));
  const figure = compareRounds(a, failing).figures.find(({ name }) => name === "errors")!;
  assert.deepEqual([figure.effect, figure.verdict], ["difference", "worse"]);
  assert.ok(Math.abs(figure.interval!.estimate - 0.1) < 1e-9);
  assert.match(formatComparison(a, failing, names), /errors +0 % +10 % +\+10\.00 % /);
});

test("rounds without any answer have no latency, and a rate of 0 has no ratio", () => {
  const dead = a.map((round) => ({
    ...round,
    ...{ answered: 0, admitted: 0, failed: 100 },
    rate: { achieved: 0, admitted: 0 },
    latencyMs: {},
  }));
  const { figures } = compareRounds(a, dead);
  assert.deepEqual(
    figures.map(({ name, effect, verdict }) => [name, effect, verdict]),
    [
      ["rate", "difference", "worse"],
      ["admitted", "difference", "worse"],
      ["errors", "difference", "worse"],
    ],
  );
});

test("what was not run alike, was stopped, or not in turn, is said", () => {
  const other = twiceAsFast.map((round) => ({
    ...round,
    plan: { ...round.plan, connections: 50 },
    started: "2026-02-01T00:00:00.000Z",
    interrupted: true,
  }));
  const { doubts } = compareRounds(a, other);
  assert.equal(doubts.length, 3);
  assert.match(
    doubts.join("\n"),
    /had different settings\. A: .*10 connections\. B: .*50 connections/,
  );
  assert.match(doubts.join("\n"), /stopped before its end/);
  assert.match(doubts.join("\n"), /One ran after the other/);
});

test("names that would steer a terminal are shown and not obeyed [ESC, line break]", () => {
  const text = formatComparison(a, twiceAsFast, ["a\u001b[2J", "b\nc"]);
  assert.ok(text.startsWith("A  a\\x1b[2J\nB  b\\nc\n"), text.slice(0, 40));
});

test("the JSON names its schema, the rounds and each figure", () => {
  const json = JSON.parse(formatComparisonJson(a, twiceAsFast, names));
  assert.equal(json.schema, "weir-comparison/1");
  assert.deepEqual(
    [json.a, json.b],
    [
      { name: "http://a/", rounds: 7 },
      { name: "http://b/", rounds: 7 },
    ],
  );
  assert.deepEqual(json.figures[0].verdict, "better");
});
