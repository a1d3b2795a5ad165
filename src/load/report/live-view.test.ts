import assert from "node:assert/strict";
import { test } from "node:test";
import type { LiveState } from "../live-state.ts";
import { formatLiveView, startLiveView } from "./live-view.ts";

const state: LiveState = {
  elapsedMs: 2500,
  plannedMs: 10_000,
  done: 2500,
  rate: 1020,
  admittedRate: 980,
  p50Ms: 0.84,
  p99Ms: 12.13,
  byStatus: { 200: 2400, 429: 98 },
  failed: 2,
  ratesBySecond: [500, 1000],
};

test("a quarter of the run on 80 columns: progress, figures, statuses and the chart", () => {
  assert.deepEqual(formatLiveView(state, 80), [
    `2.5 s of 10.0 s  ${"█".repeat(10)}${"░".repeat(30)}  25 %`,
    "2,500 done   1,020/s   admitted 980/s   p50 0.840 ms   p99 12.1 ms",
    "errors: 2   200: 2,400   429: 98",
    "▄█ max 1,000/s",
  ]);
});

test("the nearer bound tells the progress [25 % of the time, 50 % of the requests]", () => {
  const [progress, figures] = formatLiveView({ ...state, planned: 5000 }, 80);
  assert.match(progress!, / 50 %$/);
  assert.match(figures!, /^2,500 of 5,000 done {3}/);
});

test("a run without bounds has no bar; one that warms up tells how long it still does", () => {
  const { plannedMs: _, ...endless } = state;
  assert.equal(formatLiveView({ ...endless, elapsedMs: 65_000 }, 80)[0], "1:05 min");
  assert.equal(formatLiveView({ ...state, elapsedMs: -1200 }, 80)[0], "warming up, 1.2 s left");
});

test("past its planned time the run is at 100 % and not beyond", () => {
  assert.match(formatLiveView({ ...state, elapsedMs: 12_000 }, 80)[0]!, /█ {1}100 %$/);
});

test("at the start there are as many lines as later, without NaN or Infinity", () => {
  const { p50Ms: _, p99Ms: __, ...rest } = state;
  const start = {
    ...rest,
    ...{ elapsedMs: 0, plannedMs: 0, planned: 0, done: 0, rate: 0, admittedRate: 0 },
    ...{ byStatus: {}, failed: 0, ratesBySecond: [] },
  };
  const lines = formatLiveView(start, 80);
  assert.equal(lines.length, formatLiveView(state, 80).length);
  assert.doesNotMatch(lines.join("\n"), /NaN|Infinity|undefined/);
});

test("on any terminal of 1 to 200 columns every line is shorter than it, from 12 columns on", () => {
  const long = {
    ...state,
    planned: 123_456_789,
    byStatus: Object.fromEntries(Array.from({ length: 20 }, (_, index) => [200 + index, 99_999])),
    ratesBySecond: Array.from({ length: 120 }, (_, index) => index * 1000),
  };
  for (let columns = 1; columns <= 200; columns++) {
    for (const line of formatLiveView(long, columns)) {
      assert.ok(line.length < Math.max(columns, 11), `${columns} columns: "${line}"`);
    }
  }
});

const someState = { done: 1 } as LiveState;

function makeTerminal(isTTY: boolean) {
  const written: string[] = [];
  const write = (chunk: string | Uint8Array) => written.push(String(chunk));
  return { written, output: { isTTY, columns: 40, write } };
}

test("a view is drawn over the one before, and erased to its first line", () => {
  const { written, output } = makeTerminal(true);
  const widths: number[] = [];
  const view = startLiveView(output, (_state, columns) => {
    widths.push(columns);
    return ["one", "two"];
  });
  view?.draw(someState);
  view?.draw(someState);
  view?.erase();
  assert.deepEqual(written, ["one\ntwo\n", "\u001b[2F\u001b[Jone\ntwo\n", "\u001b[2F\u001b[J"]);
  assert.deepEqual(widths, [40, 40]);
});

test("what was never drawn is not erased, and no terminal gets no view", () => {
  const { written, output } = makeTerminal(true);
  startLiveView(output, () => ["x"])?.erase();
  assert.equal(written.join(""), "");
  assert.equal(
    startLiveView(makeTerminal(false).output, () => ["x"]),
    undefined,
  );
});
