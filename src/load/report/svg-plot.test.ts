import assert from "node:assert/strict";
import { test } from "node:test";
import { makeLinearScale, makeSpanScale } from "./scale.ts";
import { type Bar, formatBarPlot, formatLinePlot, type LinePlot, stepPoints } from "./svg-plot.ts";

const plot: LinePlot = {
  id: "rate",
  title: "A & B",
  description: "<rising>",
  x: { scale: makeSpanScale(10, 5), label: "seconds", format: String },
  y: { scale: makeLinearScale(100, 5), label: "a second", format: String },
  lines: [
    {
      name: "one",
      tone: "first",
      points: [
        { x: 0, y: 0 },
        { x: 5, y: 50 },
        { x: 10, y: 100 },
      ],
    },
  ],
};

function linesOf(svg: string): string[] {
  return Array.from(svg.matchAll(/<path class="line [^"]*" d="([^"]*)"/g), ([, data]) => data!);
}

test("a line goes from the lower left to the upper right [0,0 to 10,100]", () => {
  assert.deepEqual(linesOf(formatLinePlot(plot)), ["M0 200L500 100L1000 0"]);
});

test("a gap splits the line, and a point alone is a dot", () => {
  const points = [
    { x: 0, y: 0 },
    { x: 2, y: 100 },
    { x: 4, y: undefined },
    { x: 6, y: 50 },
    { x: 8, y: undefined },
  ];
  const svg = formatLinePlot({ ...plot, lines: [{ ...plot.lines[0]!, points }] });
  assert.deepEqual(linesOf(svg), ["M0 200L200 0M600 100h0"]);
});

test("intervals are steps", () => {
  assert.deepEqual(stepPoints([{ from: 0, to: 1, value: 7 }]), [
    { x: 0, y: 7 },
    { x: 1, y: 7 },
  ]);
});

test("a line without points, and one with gaps alone, are not drawn", () => {
  for (const points of [[], [{ x: 1, y: undefined }]]) {
    const svg = formatLinePlot({ ...plot, lines: [{ ...plot.lines[0]!, points }] });
    assert.deepEqual(linesOf(svg), []);
  }
});

test("title and description are read out, and what they hold is escaped", () => {
  const svg = formatLinePlot(plot);
  assert.match(svg, /role="img" aria-labelledby="rate-title rate-text"/);
  assert.match(svg, /<title id="rate-title">A &amp; B<\/title>/);
  assert.match(svg, /<desc id="rate-text">&lt;rising&gt;<\/desc>/);
});

test("every tick is written, and a legend is there for two lines and not for one", () => {
  const one = formatLinePlot(plot);
  for (const text of ["0", "20", "100", "2", "10"])
    assert.ok(one.includes(`>${text}</text>`), text);
  assert.doesNotMatch(one, /legend/);
  const two = formatLinePlot({
    ...plot,
    lines: [plot.lines[0]!, { ...plot.lines[0]!, name: "<2>" }],
  });
  assert.match(two, /<ul class="legend lines">.*one<\/li>.*&lt;2&gt;<\/li><\/ul>/);
});

test("a filled line has its area down to the axis", () => {
  const svg = formatLinePlot({ ...plot, lines: [{ ...plot.lines[0]!, isFilled: true }] });
  assert.match(svg, /<path class="area first" d="M0 200L500 100L1000 0V200H0Z"\/>/);
});

const barLabels = { id: "statuses", title: "Statuses", description: "Mostly 200." };

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
  assert.deepEqual(partsOf(formatBarPlot({ ...barLabels, bars })), [
    ["admitted", "0%", "100%"],
    ["refused", "0%", "33.33%"],
  ]);
});

test("the parts of a bar lie next to each other in its own whole [5 and 195 of 200]", () => {
  const parts = [
    { tone: "admitted", value: 5 },
    { tone: "refused", value: 195 },
  ] as const;
  const svg = formatBarPlot({
    ...barLabels,
    bars: [{ name: "a", text: "5 of 200", parts, whole: 200 }],
  });
  assert.deepEqual(partsOf(svg), [
    ["admitted", "0%", "2.5%"],
    ["refused", "2.5%", "97.5%"],
  ]);
});

test("names and figures are written, and escaped", () => {
  const svg = formatBarPlot({ ...barLabels, bars });
  assert.match(svg, />&lt;429&gt;<\/text>/);
  assert.match(svg, />150<\/text>/);
});

test("bars of nothing but zeros, or none at all, divide by nothing", () => {
  for (const some of [[bars[2]!], []]) {
    assert.doesNotMatch(formatBarPlot({ ...barLabels, bars: some }), /NaN|Infinity/);
  }
});
