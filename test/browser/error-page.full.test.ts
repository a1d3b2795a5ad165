// The pages that say no, as a person meets them: what happened, what to do, and that doing it helps.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { startWeir } from "../fixtures/weir-process.ts";
import { saveScreenshot, shareBrowser } from "./browser-page.ts";
import { checkAccessibility, checkColourSchemes, checkWidths } from "./page-basics.ts";

const EXAMPLE_DIR = fileURLToPath(new URL("../../examples/public", import.meta.url));

/** Of bursts; on a machine where the page takes a second to load after each, none is refused. */
const TRIES_MAX = 50;
/** More than a second's allowance. */
const BURST_COUNT = 10;

const openPage = shareBrowser();

/** Loads the page after a burst of requests, so that it is one too many. */
async function loadUntilRefused(page: Page, url: string): Promise<void> {
  for (let tries = 1; tries <= TRIES_MAX; tries++) {
    await Promise.all(Array.from({ length: BURST_COUNT }, () => fetch(url)));
    const answer = await page.goto(url, { waitUntil: "commit" });
    if (answer?.status() === 429) return;
    assert.equal(answer?.status(), 200);
  }
  throw new Error(`none of ${TRIES_MAX} loads was refused`);
}

async function checkLooks(page: Page, name: string): Promise<void> {
  await checkAccessibility(page);
  await checkWidths(page, [320, 360, 1280]);
  await checkColourSchemes(page);
  await saveScreenshot(page, `${name}-dark-1280`, false);
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 360, height: 640 });
  await saveScreenshot(page, `${name}-light-360`, false);
}

test("too many loads get a page that tells how long to wait, and that wait is enough [5/s]", async (t) => {
  const opened = await openPage(t);
  if (opened === undefined) return;
  const { page } = opened;
  const weir = await startWeir(t, { dir: EXAMPLE_DIR, args: ["--workers", "1"] });
  await loadUntilRefused(page, `${weir.url}/`);
  assert.equal(await page.title(), "429 Too Many Requests");
  const text = await page.locator("main").innerText();
  assert.match(text, /5 requests in any second for each client/);
  const seconds = /Try again in (\d+) seconds?\./.exec(text)?.[1];
  assert.equal(seconds, "1");
  await checkLooks(page, "error-429");
  await wait(Number(seconds) * 1000);
  await page.getByRole("link", { name: "Try again" }).click();
  await page.getByRole("heading", { name: "Index of" }).waitFor();
  assert.equal(page.url(), `${weir.url}/`);
});

test("nothing at an address says so and leads to the root [/books/absent <b>.html]", async (t) => {
  const opened = await openPage(t);
  if (opened === undefined) return;
  const { page, complaints } = opened;
  const weir = await startWeir(t, { dir: EXAMPLE_DIR, args: ["--rate", "off", "--workers", "1"] });
  const answer = await page.goto(`${weir.url}/books/absent%20%3Cb%3E.html`);
  assert.equal(answer?.status(), 404);
  assert.equal(await page.title(), "404 Not Found");
  assert.match(await page.locator("main").innerText(), /nothing at this address.*spelling/is);
  // The browser itself notes a page that is not there; nothing else may be noted.
  assert.deepEqual(
    complaints.filter((complaint) => !/status of 404/.test(complaint)),
    [],
  );
  await checkLooks(page, "error-404");
  await page.getByRole("link", { name: "Root folder" }).click();
  await page.waitForURL(`${weir.url}/`);
  assert.equal(await page.title(), "Index of /");
});
