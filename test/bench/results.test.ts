// What is made of the numbers: rounds in turn, the table, the JSON, the plot.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseBenchArguments } from "../../bench/bench-arguments.ts";
import { measureInTurn } from "../../bench/measure-in-turn.ts";
import { drawPlot } from "../../bench/plot-svg.ts";
import { publishedWeir } from "../../bench/published-weir.ts";
import { buildRowJson } from "../../bench/result-json.ts";
import { formatNumber, formatRatio, formatRow } from "../../bench/result-table.ts";
import { ROWS } from "../../bench/rows/row-list.ts";

const ROW = {
  name: "small",
  title: "Small files",
  targets: [{ caseName: "1 KB", peer: "nginx", ratioMax: 1 }],
};
const RESULT = {
  cases: [
    {
      name: "1 KB",
      unit: "µs",
      series: [
        { name: "weir", rounds: [9, 10, 12] },
        { name: "nginx", rounds: [10, 10, 10] },
      ],
    },
    { name: "alone", unit: "ns", series: [{ name: "weir", rounds: [1234.5] }] },
  ],
};

test("everyone warms up once, then the rounds go A B A B", async () => {
  const calls: string[] = [];
  const contend = (name: string) => ({
    name,
    measure: async (seconds: number) => calls.push(`${name}${seconds}`),
  });
  const form = { warmUpSeconds: 2, rounds: 2, roundSeconds: 1 };
  const series = await measureInTurn([contend("a"), contend("b")], form);
  assert.deepEqual(calls, ["a2", "b2", "a1", "b1", "a1", "b1"]);
  assert.deepEqual(series, [
    { name: "a", rounds: [3, 5] },
    { name: "b", rounds: [4, 6] },
  ]);
  const smoke = await measureInTurn([contend("c")], { ...form, rounds: 0 });
  assert.deepEqual(smoke, [{ name: "c", rounds: [7] }]);
});

test("a row is a table with a line for each server, its ratio, spread and target", () => {
  assert.equal(
    formatRow(ROW, RESULT),
    [
      "Small files (small)",
      "",
      "  1 KB     µs  ratio  (least to most)  target",
      "    weir   10",
      "    nginx  10   1.00   (0.90 to 1.20)  ≤ 1.00  met",
      "",
      "  alone      ns",
      "    weir  1,235",
      "",
    ].join("\n"),
  );
});

test("numbers have three digits that count, small ratios two", () => {
  assert.deepEqual([0.5251, 12.345, 99.96, 1234.5].map(formatNumber), [
    "0.525",
    "12.3",
    "100",
    "1,235",
  ]);
  assert.deepEqual([0.0364, 0.1, 1, 12.345].map(formatRatio), ["0.036", "0.10", "1.00", "12.35"]);
});

test("the JSON of a row holds all rounds, medians and comparisons", () => {
  const { cases } = buildRowJson(ROW, RESULT);
  assert.deepEqual(cases[0]?.series[0], { name: "weir", median: 10, rounds: [9, 10, 12] });
  assert.deepEqual(cases[0]?.comparisons[0], {
    ...{ peer: "nginx", ratio: 1, ratioLow: 0.9, ratioHigh: 1.2 },
    ...{ ratioMax: 1, isMet: true },
  });
  assert.deepEqual(cases[1]?.comparisons, []);
});

test("the plot says in words what its bars show, and cuts bars that are far too long", () => {
  const bars = [
    { name: "weir", ratio: 0.5 },
    { name: "a & b", ratio: 9 },
  ];
  const svg = drawPlot("CPU <time>", [{ name: "1 KB", bars }]);
  assert.match(svg, /<title id="title">CPU &lt;time&gt;<\/title>/);
  assert.match(svg, /<desc id="description">1 KB: weir 0\.50, a &amp; b 9\.00\.<\/desc>/);
  assert.match(svg, /prefers-color-scheme: dark/);
  const widths = Array.from(svg.matchAll(/<rect [^>]*width="([\d.]+)"/g), ([, width]) =>
    Number(width),
  );
  // 0.5 of the 3 that fit, and all of it: six times as long.
  assert.ok(Math.abs(widths[1]! / widths[0]! - 6) < 0.01, widths.join(" "));
  assert.match(svg, />9\.00 →</);
});

test("rows run in the order of the list, whatever the order typed; all when none is typed", () => {
  const names = (...typed: string[]) =>
    parseBenchArguments(typed, ROWS).rows.map(({ name }) => name);
  assert.deepEqual(names("refusals", "small-files"), ["small-files", "refusals"]);
  assert.equal(names().length, ROWS.length);
  assert.equal(new Set(names()).size, ROWS.length);
});

test("a revision to measure beside the work tree is one that Git knows [--before no-such-revision]", () => {
  assert.equal(parseBenchArguments(["--before", "HEAD~1"], ROWS).before, "HEAD~1");
  assert.equal(parseBenchArguments([], ROWS).before, undefined);
  assert.throws(
    () => publishedWeir("no-such-revision"),
    /^OperationError: cannot build "no-such-revision": /,
  );
});
