import assert from "node:assert/strict";
import { test } from "node:test";
import { type Bar, formatBarPlot } from "./bar-plot.ts";

const text = { id: "statuses", title: "Statuses", description: "Mostly 200." };

/** The parts of all bars as [tone, left, width]. */
function partsOf(svg: string): string[][] {
  return Array.from(
    svg.matchAll(/<rect class="(?!track)([^"]+)" x="([^"]+)" y="[^"]+" width="([^"]+)"/g),
    ([, ...part]) => part as string[],
  );
}

const bars: Bar[] = [
  { name: "200", text: "150", parts: [{ tone: "admitted", value: 150 }] },
  { name: "<429>", text: "50", parts: [{ tone: "refused", value: 50 }] },
  { name: "500", text: "0", parts: [{ tone: "failed", value: 0 }] },
];

test("the longest bar has the whole width, the others theirs, and nothing is no bar", () => {
  assert.deepEqual(partsOf(formatBarPlot({ ...text, bars })), [
    ["admitted", "0%", "100%"],
    ["refused", "0%", "33.33%"],
  ]);
});

test("the parts of a bar stand beside each other, of its own whole [5 and 195 of 200]", () => {
  const parts = [
    { tone: "admitted", value: 5 },
    { tone: "refused", value: 195 },
  ] as const;
  const svg = formatBarPlot({
    ...text,
    bars: [{ name: "a", text: "5 of 200", parts, whole: 200 }],
  });
  assert.deepEqual(partsOf(svg), [
    ["admitted", "0%", "2.5%"],
    ["refused", "2.5%", "97.5%"],
  ]);
});

test("names and figures are written, and escaped", () => {
  const svg = formatBarPlot({ ...text, bars });
  assert.match(svg, />&lt;429&gt;<\/text>/);
  assert.match(svg, />150<\/text>/);
});

test("bars of nothing but zeros, or none at all, divide by nothing", () => {
  for (const some of [[bars[2]!], []]) {
    assert.doesNotMatch(formatBarPlot({ ...text, bars: some }), /NaN|Infinity/);
  }
});
