// The page of `weir lab --report` as a person opens it: from disk, in a real browser. The figures are
// made by hand here; those of a real run are held against theory in test/lab.full.test.ts.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { formatLabPage } from "../../src/lab/report/html.ts";
import { labResult } from "../fixtures/lab-results.ts";
import { makeTempFolder } from "../fixtures/temp-folder.ts";
import { shareBrowser } from "./browser-page.ts";
import { checkReadsWell, openReport, readTable } from "./report-basics.ts";

const openPage = shareBrowser();

test("the lab's report reads well at any width, in light and dark", async (t) => {
  const opened = await openPage(t);
  if (opened === undefined) return;
  const { page } = opened;
  const file = join(makeTempFolder(t), "lab.html");
  writeFileSync(file, formatLabPage(labResult));
  await openReport(opened, file);
  await checkReadsWell(page, ["form", "throughput", "counter", "series", "contest"], "lab-report");
});

test("the bars of the burst are as long as their shares [5 of 200]", async (t) => {
  const opened = await openPage(t);
  if (opened === undefined) return;
  const { page } = opened;
  const file = join(makeTempFolder(t), "lab.html");
  writeFileSync(file, formatLabPage(labResult));
  await openReport(opened, file);
  assert.deepEqual((await readTable(page, "One client: admitted and refused"))[0]!.slice(0, 5), [
    ...["all at once", "200", "5", "5", "195"],
  ]);
  const widths = await page.evaluate<number[]>(
    `[...document.querySelectorAll("#series-plot-title ~ rect")].slice(0, 3).map((bar) => bar.getBoundingClientRect().width)`,
  );
  const [track, admitted, refused] = widths as [number, number, number];
  assert.ok(Math.abs(admitted / track - 0.025) < 0.001, `${admitted} of ${track}`);
  assert.ok(Math.abs(refused / track - 0.975) < 0.001, `${refused} of ${track}`);
});
