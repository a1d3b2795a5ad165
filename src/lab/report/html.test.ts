import assert from "node:assert/strict";
import { test } from "node:test";
import { labResult, limitResult } from "../../../test/fixtures/lab-results.ts";
import { checkEqual } from "../result.ts";
import { formatLabPage } from "./html.ts";

const page = formatLabPage(labResult);

test("every experiment is a section with its plots and its verdict", () => {
  const sections = page.split("<section ").slice(1);
  assert.deepEqual(
    sections.map((section) =>
      Array.from(section.matchAll(/id="(\w+)-plot-title"/g), ([, id]) => id),
    ),
    [["form", "throughput"], ["counter"], ["series", "contest"]],
  );
  for (const section of sections) assert.match(section, /<p class="verdict">Expected: /);
  assert.match(page, /All results agree with theory\./);
});

test("the figures that say most are on top", () => {
  const tiles = Array.from(page.matchAll(/<dt>(.*?)<\/dt><dd>(.*?)<\/dd>/g), ([, ...tile]) => tile);
  assert.deepEqual(tiles, [
    ["10 requests, one at a time", "5.02 s"],
    ["10 requests, together", "0.52 s"],
    ["lost by plain additions, at most", "80 %"],
    ["hits lost by weir", "0"],
    ["pass, all sent at once", "5 of 200"],
    ["refused, of the polite client", "0 of 10"],
  ]);
});

test("the tables hold the figures [10 requests, 8 threads, 5 of 200]", () => {
  for (const row of [
    /<th scope="row">10<\/th><td>5\.02 s<\/td><td>5\.0 s<\/td><td>0\.52 s<\/td><td>0\.5 s<\/td>/,
    /<th scope="row">8<\/th><td>8,000,000<\/td><td>6,400,000<\/td><td>80 %<\/td><td>0<\/td>/,
    /<th scope="row">all at once<\/th><td>200<\/td><td>5<\/td><td>5<\/td><td>195<\/td>/,
    /<th scope="row">polite<\/th><td>127\.0\.0\.3<\/td><td>10<\/td><td>10<\/td><td>0<\/td>/,
  ]) {
    assert.match(page, row);
  }
});

test("a result that contradicts theory is named on top and in its section", () => {
  const limit = { ...limitResult, checks: [checkEqual("all at once, admitted", 6, 5)] };
  const contradicted = formatLabPage({ ...labResult, experiments: [limit] });
  assert.match(contradicted, /Contradicted by what was measured: limit\./);
  assert.match(
    contradicted,
    /<p class="verdict contradicted">Contradicted: all at once, admitted: 6, expected 5<\/p>/,
  );
});

test("one experiment alone makes a page of one section, a contest that was skipped says why", () => {
  const contest = { kind: "skipped", reason: "skipped: no second address" } as const;
  const alone = formatLabPage({ ...labResult, experiments: [{ ...limitResult, contest }] });
  assert.equal(alone.match(/<section /g)?.length, 1);
  assert.match(alone, /<p>skipped: no second address<\/p>/);
  assert.doesNotMatch(alone, /contest-plot/);
});
