// The page of `weir load --report` as a person opens it: from disk, in a real browser.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { formatLoadPage } from "../../src/load/report/html.ts";
import { openResult } from "../fixtures/load-results.ts";
import { waitUntil } from "../fixtures/process-facts.ts";
import { runWeir } from "../fixtures/run-weir.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";
import { saveScreenshot, shareBrowser } from "./browser-page.ts";
import { checkWidths } from "./page-basics.ts";
import {
  checkPlots,
  checkReadsWell,
  openReport,
  REPORT_WIDTHS_PX,
  readTable,
} from "./report-basics.ts";

const openPage = shareBrowser();

test("a report of a real run opens from disk and tells the run's figures", async (t) => {
  const opened = await openPage(t);
  if (opened === undefined) return;
  const folder = makeTempFolder(t);
  writeTree(folder, { "www/": { "a.txt": "a" } });
  const weir = await startWeir(t, { dir: join(folder, "www"), args: ["--rate", "20/s"] });
  const [html, json] = [join(folder, "out.html"), join(folder, "out.json")];
  const run = await runWeir(t, [
    ...["load", `${weir.url}/a.txt`, "-d", "2s", "--rate", "50/s"],
    ...["--report", html, "--json", json],
  ]);
  assert.equal(run.code, 0, run.stderr);
  assert.doesNotMatch(readFileSync(html, "utf8"), /<script/);
  await openReport(opened, html);
  const { page } = opened;
  await checkPlots(page, ["rate", "latency", "distribution", "status"]);
  await checkWidths(page, REPORT_WIDTHS_PX);
  const result = JSON.parse(readFileSync(json, "utf8"));
  const statuses = await readTable(page, "Answers by status");
  assert.deepEqual(
    statuses.map(([status, count]) => [status, count]),
    Object.entries(result.byStatus).map(([status, count]) => [status, String(count)]),
  );
  assert.ok(result.byStatus[429] > 0, "the limit refused nothing");
  const names = (await readTable(page, "Percentiles of the latency")).map(([name]) => name);
  assert.deepEqual(names, ["corrected", "uncorrected"]);
  await saveScreenshot(page, "load-report-real");
});

test("a report with everything reads well at any width, in light and dark", async (t) => {
  const opened = await openPage(t);
  if (opened === undefined) return;
  const { page } = opened;
  const file = join(makeTempFolder(t), "out.html");
  writeFileSync(file, formatLoadPage(openResult));
  await openReport(opened, file);
  await checkReadsWell(page, ["rate", "latency", "distribution", "status"], "load-report");
});

test("a plot is read out with what it shows, and a link leads to each part", async (t) => {
  const opened = await openPage(t);
  if (opened === undefined) return;
  const { page } = opened;
  const file = join(makeTempFolder(t), "out.html");
  writeFileSync(file, formatLoadPage(openResult));
  await openReport(opened, file);
  const plot = page.getByRole("img", {
    name: /Requests a second over time.*admitted: between 12\.0\/s/,
  });
  assert.equal(await plot.count(), 1);
  const links = await page.getByRole("navigation").getByRole("link").all();
  assert.equal(links.length, 9);
  for (const link of links) {
    await link.click();
    const id = new URL(page.url()).hash;
    const heading = page.locator(id).getByRole("heading").first();
    assert.equal(await heading.innerText(), await link.innerText());
  }
  // A table that is wider than the page is scrolled by the keyboard.
  await page.setViewportSize({ width: 360, height: 900 });
  const region = page.getByRole("region", { name: "Results by source address" });
  await region.focus();
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowRight");
  const scrollLeft = 'document.querySelector("[aria-label^=Results]:focus").scrollLeft';
  await waitUntil("it is scrolled", async () => (await page.evaluate<number>(scrollLeft)) > 0);
});
