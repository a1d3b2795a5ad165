import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  chooseTimeUnit,
  formatTick,
  formatTickMs,
  formatTickPercent,
  makeLinearScale,
  makeLogScale,
  makeSpanScale,
  type Scale,
} from "./scale.ts";

const valuesOf = ({ ticks }: Scale): number[] => ticks.map(({ value }) => value);

const linear: [max: number, ticks: number[]][] = [
  [10, [0, 2, 4, 6, 8, 10]],
  [103, [0, 50, 100, 150]],
  [0.7, [0, 0.2, 0.4, 0.6, 0.8]],
  [1_234_567, [0, 500_000, 1_000_000, 1_500_000]],
  [0, [0, 0.2, 0.4, 0.6, 0.8, 1]],
];

for (const [max, ticks] of linear) {
  test(`an axis from 0 up to ${max} has the ticks ${ticks.join(", ")}`, () => {
    assert.deepEqual(valuesOf(makeLinearScale(max, 5)), ticks);
  });
}

test("an axis of time ends where the time ends [10.4 s]", () => {
  const scale = makeSpanScale(10.4, 6);
  assert.deepEqual(valuesOf(scale), [0, 2, 4, 6, 8, 10]);
  assert.equal(scale.place(10.4), 1);
  assert.ok(scale.ticks.at(-1)!.at < 1);
});

const logarithmic: [min: number, max: number, ticks: number[]][] = [
  [0.6, 4, [0.5, 1, 2, 5]],
  [1, 10, [1, 2, 5, 10]],
  [3, 3, [2, 5]],
  [0.04, 1010, [0.1, 1, 10, 100, 1000]],
];

for (const [min, max, ticks] of logarithmic) {
  test(`a logarithmic axis of ${min} to ${max} has the ticks ${ticks.join(", ")}`, () => {
    assert.deepEqual(valuesOf(makeLogScale(min, max, 6)), ticks);
  });
}

test("a factor of ten is as wide everywhere on a logarithmic axis, and 0 lies at its beginning", () => {
  const { place } = makeLogScale(0.1, 1000, 6);
  for (const value of [0.1, 1, 10, 100]) {
    assert.ok(Math.abs(place(10 * value) - place(value) - 0.25) < 1e-12);
  }
  assert.equal(place(0), 0);
});

test("any axis holds its values, has ascending ticks from 0 to 1, and no more than it may", () => {
  const value = fc.double({ min: 1e-6, max: 1e12, noNaN: true });
  fc.assert(
    fc.property(value, value, fc.integer({ min: 3, max: 10 }), (a, b, countMax) => {
      const [min, max] = [Math.min(a, b), Math.max(a, b)];
      const scales = [
        makeLinearScale(max, countMax),
        makeSpanScale(max, countMax),
        makeLogScale(min, max, countMax),
      ];
      for (const { ticks, place } of scales) {
        assert.ok(ticks.length >= 1 && ticks.length <= countMax + 1, `${ticks.length} ticks`);
        for (const [index, { at }] of ticks.entries()) {
          assert.ok(at >= 0 && at <= 1);
          assert.ok(index === 0 || at > ticks[index - 1]!.at);
        }
        for (const each of [min, max]) assert.ok(place(each) >= 0 && place(each) <= 1);
        assert.ok(place(min) <= place(max));
      }
    }),
  );
});

test("ticks are written as short as they are round", () => {
  assert.deepEqual([0, 0.05, 2, 2000, 1_500_000].map(formatTick), [
    "0",
    "0.05",
    "2",
    "2,000",
    "1.5 M",
  ]);
  assert.deepEqual([0.02, 50, 1000, 5000].map(formatTickMs), ["0.02 ms", "50 ms", "1 s", "5 s"]);
  assert.equal(formatTickPercent(20), "20 %");
});

test("an axis of 10 s is in seconds, one of 10 min in minutes, one of a day in hours", () => {
  const names = [10_000, 600_000, 86_400_000].map((spanMs) => chooseTimeUnit(spanMs).name);
  assert.deepEqual(names, ["seconds", "minutes", "hours"]);
});
