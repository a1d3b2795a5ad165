import assert from "node:assert/strict";
import { test } from "node:test";
import { ColumnStore, type Columns } from "./column-store.ts";
import { makeDrawnColumns, orderSeries, PLOTS, type PlotDefinition } from "./plot-list.ts";

function findPlot(name: string): PlotDefinition {
  const plot = PLOTS.find((candidate) => candidate.name === name);
  assert.ok(plot, name);
  return plot;
}

function makeColumns(): Columns {
  const store = new ColumnStore();
  for (const second of [1, 2]) {
    store.append({
      timeMs: second * 1000,
      requestsPerSecond: 31,
      succeededPerSecond: 16,
      redirectedPerSecond: 8,
      clientErrorsPerSecond: 4,
      refusedPerSecond: 2,
      serverErrorsPerSecond: 1,
      bytesPerSecond: 100,
      latencyP50Ms: 0,
      latencyP90Ms: 1,
      latencyP99Ms: null,
      connectionsOpen: 3,
      requestsInProgress: 1,
    });
  }
  return store.copy();
}

test("the whole of the outcomes is all requests, and is drawn first", () => {
  const drawn = makeDrawnColumns(findPlot("requests"), makeColumns());
  assert.deepEqual(
    drawn.map((column) => column[0]),
    [31, 30, 28, 24, 16],
  );
  assert.deepEqual(
    orderSeries(findPlot("requests")).map(({ label }) => label),
    ["5xx", "429 refused", "4xx", "3xx", "2xx"],
  );
});

test("a latency of nothing lies on the axis, one that is not known nowhere", () => {
  const drawn = makeDrawnColumns(findPlot("latency"), makeColumns());
  assert.deepEqual(
    drawn.map((column) => column[1]),
    [0.01, 1, null],
  );
});

test("lines are drawn as they are, in the order of the legend", () => {
  const drawn = makeDrawnColumns(findPlot("connections"), makeColumns());
  assert.deepEqual(drawn, [
    [3, 3],
    [1, 1],
  ]);
});

for (const [name, value, text] of [
  ["requests", 1500, "1,500"],
  ["requests", 2.5, "2.5"],
  ["latency", 0.01, "0.01 ms"],
  ["latency", 10, "10 ms"],
  ["latency", 1000, "1 s"],
  ["bytes", 0, "0 B"],
  ["bytes", 2 * 1024 ** 2, "2 MiB"],
  ["bytes", 1.5 * 1024, "1.5 KiB"],
  ["bytes", 500 * 1024, "500 KiB"],
] as const) {
  test(`an axis says it in few letters [${name}, ${value}: ${text}]`, () => {
    assert.equal(findPlot(name).formatAxis(value), text);
  });
}
