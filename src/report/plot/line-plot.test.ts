import assert from "node:assert/strict";
import { test } from "node:test";
import { formatLinePlot, type LinePlot, stepPoints } from "./line-plot.ts";
import { makeLinearScale, makeSpanScale } from "./scale.ts";

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
