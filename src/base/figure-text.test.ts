import assert from "node:assert/strict";
import { test } from "node:test";
import * as figures from "./figure-text.ts";
import { formatTable, wrapText } from "./figure-text.ts";

const cases: [name: string, format: (value: number) => string, value: number, text: string][] = [
  ["formatCount", figures.formatCount, 1234567, "1,234,567"],
  ["formatMs", figures.formatMs, 0, "0 ms"],
  ["formatMs", figures.formatMs, 0.0521, "0.052 ms"],
  ["formatMs", figures.formatMs, 1.2549, "1.25 ms"],
  ["formatMs", figures.formatMs, 9.996, "10.0 ms"],
  ["formatMs", figures.formatMs, 340.4, "340 ms"],
  ["formatMs", figures.formatMs, 999.7, "1.00 s"],
  ["formatMs", figures.formatMs, 12_340, "12.3 s"],
  ["formatRate", figures.formatRate, 0.5, "0.500/s"],
  ["formatRate", figures.formatRate, 99.96, "100/s"],
  ["formatRate", figures.formatRate, 12345.6, "12,346/s"],
  ["formatPercent", figures.formatPercent, 0, "0 %"],
  ["formatPercent", figures.formatPercent, 0.0001, "<0.1 %"],
  ["formatPercent", figures.formatPercent, 0.125, "12.5 %"],
  ["formatPercent", figures.formatPercent, 0.9999, "99.9 %"],
  ["formatPercent", figures.formatPercent, 1, "100 %"],
  ["formatBytes", figures.formatBytes, 0, "0 B"],
  ["formatBytes", figures.formatBytes, 1023, "1023 B"],
  ["formatBytes", figures.formatBytes, 1024, "1.0 KiB"],
  ["formatBytes", figures.formatBytes, 5 * 1024 ** 3, "5.0 GiB"],
  ["formatSeconds", figures.formatSeconds, 120, "0.12 s"],
];

for (const [name, format, value, text] of cases) {
  test(`${name} of ${value} is ${text}`, () => {
    assert.equal(format(value), text);
  });
}

test("one request, two requests", () => {
  assert.equal(figures.formatCounted(1, "request"), "1 request");
  assert.equal(figures.formatCounted(2000, "request"), "2,000 requests");
});

test("columns are as wide as their widest cell, the first to the left, others to the right", () => {
  const rows = [
    ["", "count"],
    ["longer", "7"],
    ["a", "1234567"],
  ];
  assert.deepEqual(formatTable(rows), [
    "            count",
    "  longer        7",
    "  a       1234567",
  ]);
});

test("a table without rows has no lines", () => {
  assert.deepEqual(formatTable([]), []);
});

test("words are wrapped, and one that is too long has a line of its own [10 columns]", () => {
  assert.deepEqual(wrapText("one two three overlong-word x y", 10), [
    "one two",
    "three",
    "overlong-word",
    "x y",
  ]);
  assert.deepEqual(wrapText("one two", 7), ["one two"]);
});
