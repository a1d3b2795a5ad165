// A listing as a person meets it: the real program, in a real browser.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir, type WeirProcess } from "../fixtures/weir-process.ts";
import { saveScreenshot, shareBrowser, wholeFile } from "./browser-page.ts";
import { checkAccessibility, checkAxe, checkColourSchemes, checkWidths } from "./page-basics.ts";

const EXAMPLE_DIR = fileURLToPath(new URL("../../examples/public", import.meta.url));
const UNLIMITED = ["--rate", "off", "--workers", "1"];

const openPage = shareBrowser();
/** For the tests that do not mind what others have opened. */
const example = await startWeir(wholeFile, { dir: EXAMPLE_DIR, args: UNLIMITED });

/** The names of the rows in order, as they are read; without the parent folder. */
async function readNames(page: Page): Promise<string[]> {
  const names = await page.locator("tbody tr td:first-child").allInnerTexts();
  return names.filter((name) => name !== "Parent folder");
}

async function readHits(page: Page, name: string): Promise<string> {
  const row = page.getByRole("row").filter({ has: page.getByRole("link", { name, exact: true }) });
  return row.getByRole("cell").last().innerText();
}

async function readAriaSort(page: Page): Promise<Record<string, string | null>> {
  const heads = await page.getByRole("columnheader").all();
  const sorted = await Promise.all(
    heads.map(async (head) => [await head.innerText(), await head.getAttribute("aria-sort")]),
  );
  return Object.fromEntries(sorted.filter(([, order]) => order !== null));
}

/** Asks for `urlPath` so many times from outside of the browser. */
async function hit(weir: WeirProcess, urlPath: string, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const answer = await fetch(`${weir.url}${urlPath}`);
    assert.equal(answer.status, 200, urlPath);
    await answer.arrayBuffer();
  }
}

/** What the server was asked for until now, by its own log: also what a browser does unseen. */
async function readLoggedTargets(weir: WeirProcess): Promise<string[]> {
  await fetch(`${weir.url}/last-one`);
  while (!weir.stdout().includes("GET /last-one ")) await once(weir.child.stdout, "data");
  const targets = Array.from(
    weir.stdout().matchAll(/"GET (\S+) HTTP/g),
    ([, target = ""]) => target,
  );
  return targets.slice(0, targets.indexOf("/last-one"));
}

test("opening the example folder is one request, and nothing is complained about [/]", async (t) => {
  const opened = await openPage(t);
  if (opened === undefined) return;
  const { page, requests, complaints } = opened;
  const args = ["--workers", "1", "--log", "combined"];
  const weir = await startWeir(t, { dir: EXAMPLE_DIR, args });
  await page.goto(`${weir.url}/`, { waitUntil: "networkidle" });
  const heads = await page.getByRole("columnheader").allInnerTexts();
  assert.deepEqual(heads, ["Name", "Size", "Modified", "Hits"]);
  assert.deepEqual(await readNames(page), [
    ...["books/", "docs/", "pictures/"],
    ...["handbook.pdf", "notes on flow.html", "weir-at-dusk.jpg", "welcome.html"],
  ]);
  assert.deepEqual(requests, [`${weir.url}/`]);
  assert.deepEqual(await readLoggedTargets(weir), ["/"]);
  assert.deepEqual(complaints, []);
});

test("a file that is opened has one hit more on going back [welcome.html, twice]", async (t) => {
  const opened = await openPage(t);
  if (opened === undefined) return;
  const { page, requests, complaints } = opened;
  const listingUrl = `${example.url}/`;
  await page.goto(listingUrl);
  const hitsBefore = Number(await readHits(page, "welcome.html"));
  for (const added of [1, 2]) {
    await page.getByRole("link", { name: "welcome.html" }).click();
    await page.waitForURL("**/welcome.html");
    // Chromium brings the listing back as it was, in spite of no-store.
    await page.goBack();
    assert.equal(page.url(), listingUrl);
    assert.equal(await readHits(page, "welcome.html"), String(hitsBefore + added));
  }
  // Each time it is asked for once, no more.
  assert.equal(requests.filter((url) => url === listingUrl).length, 3);
  assert.deepEqual(complaints, []);
});

test("the head of a column sorts, folders first [Hits down and up, Name, without scripts]", async (t) => {
  const opened = await openPage(t, { javaScriptEnabled: false });
  if (opened === undefined) return;
  const { page } = opened;
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "a", "b.txt": "b", "c.txt": "c", "y/": { "d.txt": "" }, "z/": {} });
  const weir = await startWeir(t, { dir, args: UNLIMITED });
  await hit(weir, "/b.txt", 2);
  await hit(weir, "/c.txt", 11);
  await hit(weir, "/z/", 1);
  await page.goto(`${weir.url}/`);
  assert.deepEqual(await readAriaSort(page), { Name: "ascending" });
  await page.getByRole("link", { name: "Hits" }).click();
  assert.deepEqual(await readNames(page), ["z/", "y/", "c.txt", "b.txt", "a.txt"]);
  assert.deepEqual(await readAriaSort(page), { Hits: "descending" });
  assert.equal(await readHits(page, "c.txt"), "11");
  await page.getByRole("link", { name: "Hits" }).click();
  assert.deepEqual(await readNames(page), ["y/", "z/", "a.txt", "b.txt", "c.txt"]);
  assert.deepEqual(await readAriaSort(page), { Hits: "ascending" });
  await page.getByRole("link", { name: "Name" }).click();
  await page.getByRole("link", { name: "Name" }).click();
  assert.deepEqual(await readNames(page), ["z/", "y/", "c.txt", "b.txt", "a.txt"]);
  assert.deepEqual(await readAriaSort(page), { Name: "descending" });
});

test("one way down and two ways up [books/rivers/sources, the parent link, the breadcrumbs]", async (t) => {
  const opened = await openPage(t);
  if (opened === undefined) return;
  const { page, requests } = opened;
  await page.goto(`${example.url}/`);
  const open = async (name: string, path: string): Promise<void> => {
    await page.getByRole("link", { name, exact: true }).click();
    await page.waitForURL(`${example.url}${path}`);
  };
  await open("books/", "/books/");
  await open("rivers/", "/books/rivers/");
  await open("sources/", "/books/rivers/sources/");
  assert.equal(await page.title(), "Index of /books/rivers/sources/");
  assert.deepEqual(await readNames(page), ["glaciers.html", "springs.html"]);
  await open("Parent folder", "/books/rivers/");
  await open("books", "/books/");
  await open("Root folder", "/");
  assert.equal(await page.getByRole("link", { name: "Parent folder" }).count(), 0);
  // A link to a folder ends in a slash, so that no redirect is paid for.
  assert.equal(requests.length, 7);
});

test("a listing fits any width and either colour scheme [320, 360, 768, 1280 px]", async (t) => {
  const opened = await openPage(t);
  if (opened === undefined) return;
  const { page } = opened;
  await hit(example, "/welcome.html", 42);
  await hit(example, "/handbook.pdf", 17);
  await hit(example, "/books/", 8);
  await hit(example, "/weir-at-dusk.jpg", 1);
  await page.goto(`${example.url}/`);
  await checkWidths(page, [320, 360, 768, 1280]);
  await checkColourSchemes(page);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 720 });
      await checkAxe(page);
      await saveScreenshot(page, `listing-${colorScheme}-${width}`);
    }
  }
});

test("a listing can be read aloud [a heading, heads with scope, names of links]", async (t) => {
  const opened = await openPage(t);
  if (opened === undefined) return;
  const { page } = opened;
  for (const path of ["/", "/books/rivers/"]) {
    await page.goto(`${example.url}${path}`);
    await checkAccessibility(page);
    assert.equal(await page.locator('th[scope="col"]').count(), 4);
    const crumbs = page.getByRole("navigation", { name: "Breadcrumb" });
    assert.equal(await crumbs.locator('[aria-current="page"]').count(), 1);
  }
  await page.setViewportSize({ width: 1280, height: 720 });
  await saveScreenshot(page, "listing-nested");
});

test("Tab goes through every control in order, each with a ring, and Enter opens it [/]", async (t) => {
  const opened = await openPage(t);
  if (opened === undefined) return;
  const { page } = opened;
  await page.goto(`${example.url}/`);
  const nameOf = "(element) => element.ariaLabel ?? element.innerText";
  const names = await page.evaluate<string[]>(
    `[...document.querySelectorAll("a, input, summary")].map(${nameOf})`,
  );
  assert.ok(names.length > 10);
  assert.ok(names.includes("Filter by name") && names.includes("Preview weir-at-dusk.jpg"));
  for (const name of names) {
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(`(${nameOf})(document.activeElement)`), name);
    const ring = await page.evaluate("getComputedStyle(document.activeElement).outline");
    assert.match(String(ring), /^rgb\(.*\) solid 2px$/, name);
    if (name === "docs/") await saveScreenshot(page, "listing-focus");
  }
  await page.getByRole("link", { name: "docs/" }).focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(`${example.url}/docs/`);
});

test("an empty folder and one with 500 files can be looked at [no overflow, one request]", async (t) => {
  const opened = await openPage(t);
  if (opened === undefined) return;
  const { page, requests, complaints } = opened;
  const dir = makeTempFolder(t);
  const files = Array.from({ length: 500 }, (_, index) => [`file ${index}.txt`, "x"]);
  writeTree(dir, { "empty/": {}, "many/": Object.fromEntries(files) });
  const weir = await startWeir(t, { dir, args: UNLIMITED });
  await page.goto(`${weir.url}/empty/`);
  assert.match(await page.locator("main").innerText(), /This folder is empty\./);
  await page.setViewportSize({ width: 1280, height: 720 });
  await saveScreenshot(page, "listing-empty");
  await page.goto(`${weir.url}/many/`);
  assert.equal(await page.locator("tbody time").count(), 500);
  await checkWidths(page, [360, 1280]);
  assert.equal(requests.length, 2);
  assert.deepEqual(complaints, []);
});

test("times are told from now, and exactly on hover [just now, 3 hours, yesterday, 2 years, to come]", async (t) => {
  const opened = await openPage(t, { javaScriptEnabled: false });
  if (opened === undefined) return;
  const { page } = opened;
  const dir = makeTempFolder(t);
  const nowSeconds = Math.floor(Date.now() / 1000);
  const HOUR = 3600;
  const agos = { a: 1, b: 3.5 * HOUR, c: 30 * HOUR, d: 24 * HOUR * 800, e: -3.5 * HOUR };
  for (const [name, ago] of Object.entries(agos)) {
    writeTree(dir, { [name]: "" });
    utimesSync(join(dir, name), nowSeconds - ago, nowSeconds - ago);
  }
  const weir = await startWeir(t, { dir, args: UNLIMITED });
  await page.goto(`${weir.url}/`);
  const times = page.locator("time");
  assert.deepEqual(await times.allInnerTexts(), [
    ...["just now", "3 hours ago", "yesterday", "2 years ago", "in 3 hours"],
  ]);
  const iso = new Date((nowSeconds - agos.b) * 1000).toISOString();
  assert.equal(await times.nth(1).getAttribute("datetime"), iso);
  const exact = `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
  assert.equal(await times.nth(1).getAttribute("title"), exact);
});

test("a folder is downloaded as a zip by its link [docs.zip, and that is its hit]", async (t) => {
  const opened = await openPage(t);
  if (opened === undefined) return;
  const { page, complaints } = opened;
  const weir = await startWeir(t, { dir: EXAMPLE_DIR, args: [...UNLIMITED, "--zip"] });
  await page.goto(`${weir.url}/docs/`);
  const hitsBefore = 1;
  const downloading = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download as zip" }).click();
  const download = await downloading;
  assert.equal(download.suggestedFilename(), "docs.zip");
  const bytes = readFileSync(await download.path());
  assert.equal(bytes.toString("latin1", 0, 4), "PK\x03\x04");
  await page.goto(`${weir.url}/`);
  assert.equal(await readHits(page, "docs/"), String(hitsBefore + 1));
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: 720 });
    await checkAxe(page);
    assert.equal(await page.getByRole("link", { name: "Download as zip" }).count(), 1);
    await saveScreenshot(page, `listing-zip-${width}`);
  }
  assert.deepEqual(complaints, []);
});
