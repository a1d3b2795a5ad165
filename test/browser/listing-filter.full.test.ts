// The field above a listing, as a person types into it: in a real browser, on the real program.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";
import { saveScreenshot, shareBrowser, wholeFile } from "./browser-page.ts";
import { checkAxe, checkWidths } from "./page-basics.ts";

const openPage = shareBrowser();

const dir = makeTempFolder(wholeFile);
writeTree(dir, {
  "sub/": {
    "Rivers/": {},
    "Überlauf – Größe.txt": "",
    "weir one.txt": "",
    "weir two.md": "",
    "<b>.txt": "",
  },
  "one/": { "only.txt": "" },
  "many/": Object.fromEntries(
    Array.from({ length: 12_000 }, (_, index) => [`file-${index}.txt`, ""]),
  ),
});
const weir = await startWeir(wholeFile, { dir, args: ["--rate", "off", "--workers", "1"] });

async function readShown(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(
    "[...document.querySelectorAll('tbody tr')].filter((row) => row.offsetHeight > 0).map((row) => row.querySelector('bdi').textContent)",
  );
}

const field = (page: Page) => page.getByRole("searchbox", { name: "Filter by name" });
const told = (page: Page) => page.locator("output").innerText();

/** What is typed, and which rows are left, beside the parent folder. */
const FILTERS: readonly (readonly [string, readonly string[]])[] = [
  ["weir", ["weir one.txt", "weir two.md"]],
  ["TXT weir", ["weir one.txt"]],
  ["ubErlauf grö", ["Überlauf – Größe.txt"]],
  ["rivers/", ["Rivers/"]],
  ["<b", ["<b>.txt"]],
  [".*", []],
];

test("rows are left that have every word in their name [case, marks, several words, none]", async (t) => {
  const opened = await openPage(t);
  if (opened === undefined) return;
  const { page, requests, complaints } = opened;
  await page.goto(`${weir.url}/sub/`);
  for (const [typed, expected] of FILTERS) {
    await field(page).fill(typed);
    assert.deepEqual(await readShown(page), ["Parent folder", ...expected], typed);
    assert.equal(await told(page), `${expected.length} of 5`);
    assert.equal(await page.getByText("No name here matches.").isVisible(), expected.length === 0);
  }
  await field(page).fill("  ");
  assert.equal((await readShown(page)).length, 6);
  assert.equal(await told(page), "");
  assert.deepEqual([requests.length, complaints], [1, []]);
});

test("the field is there by keys alone [/, Escape, Escape, Enter, / within it]", async (t) => {
  const opened = await openPage(t);
  if (opened === undefined) return;
  const { page, complaints } = opened;
  await page.goto(`${weir.url}/sub/`);
  const isFocused = () => page.evaluate<boolean>("document.activeElement.type === 'search'");
  await page.keyboard.press("/");
  assert.equal(await isFocused(), true);
  await page.keyboard.type("rivers/");
  assert.equal(await field(page).inputValue(), "rivers/");
  await page.keyboard.press("Escape");
  assert.equal(await field(page).inputValue(), "");
  assert.equal((await readShown(page)).length, 6);
  assert.equal(await isFocused(), true);
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  assert.equal(await isFocused(), false);
  await page.keyboard.press("/");
  await page.keyboard.type("rivers");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${weir.url}/sub/Rivers/`);
  assert.deepEqual(complaints, []);
});

test("without scripts there is no field, and where there is one file there is none to find", async (t) => {
  const plain = await openPage(t, { javaScriptEnabled: false });
  const opened = await openPage(t);
  if (plain === undefined || opened === undefined) return;
  await plain.page.goto(`${weir.url}/sub/`);
  assert.equal(await plain.page.locator("input").isVisible(), false);
  assert.equal(await plain.page.getByRole("searchbox").count(), 0);
  await opened.page.goto(`${weir.url}/one/`);
  assert.equal(await opened.page.locator("input").count(), 0);
  assert.deepEqual(opened.complaints, []);
});

test("twelve thousand rows are filtered letter by letter [file-119, one request]", async (t) => {
  const opened = await openPage(t);
  if (opened === undefined) return;
  const { page, requests } = opened;
  await page.goto(`${weir.url}/many/`);
  await field(page).pressSequentially("119");
  const matching = Array.from({ length: 12_000 }, (_, index) => `file-${index}.txt`).filter(
    (name) => name.includes("119"),
  );
  assert.deepEqual(new Set(await readShown(page)), new Set(["Parent folder", ...matching]));
  assert.equal(await told(page), `${matching.length} of 12,000`);
  assert.equal(requests.length, 1);
});

test("nothing moves when the field appears, and a checker finds no fault with it [360, 1280 px]", async (t) => {
  const opened = await openPage(t, { colorScheme: "dark" });
  if (opened === undefined) return;
  const { page } = opened;
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: 720 });
    await page.goto(`${weir.url}/sub/`);
    const top = "document.querySelector('table').getBoundingClientRect().top";
    const shown = await page.evaluate<number>(top);
    await page.evaluate("document.querySelector('.find').hidden = true");
    assert.equal(await page.evaluate<number>(top), shown);
    await page.evaluate("document.querySelector('.find').hidden = false");
    await field(page).fill("weir");
    await checkAxe(page);
    await saveScreenshot(page, `listing-filter-dark-${width}`);
  }
  await checkWidths(page, [320]);
});
