// Names that want to be something else, in a real browser: each opens by a click on what is shown,
// and none does anything but be a name.

import assert from "node:assert/strict";
import { test } from "node:test";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";
import { saveScreenshot, shareBrowser, wholeFile } from "./browser-page.ts";
import { checkAccessibility, checkWidths } from "./page-basics.ts";

/** All end in .txt, so that the browser shows them; the content of each is its name. */
const NAMES_SHOWN_AS_THEY_ARE = [
  "with spaces, 100% %41%2e%2F.txt",
  "#top.txt",
  "?sort=hits&order=desc.txt",
  "<script>alert(1)<img src=x onerror=alert(1)>.txt",
  `" onfocus="alert(1)' autofocus='.txt`,
  "javascript:alert(1)&amp;a+b;c=d,e@f!g$(h)*.txt",
  "back\\slash\\..\\x.txt",
  "Überlauf – Größe, Ω, я, ☂.txt",
  "عربي.txt",
  "...txt",
  `${"very-long-".repeat(24)}.txt`,
];

/** What is not seen, and what turns the rest around, is written out. */
const NAMES_WRITTEN_OUT: Readonly<Record<string, string>> = {
  "\u202etxt.exe.txt": "\\u{202e}txt.exe.txt",
};

const NAMES = [...NAMES_SHOWN_AS_THEY_ARE, ...Object.keys(NAMES_WRITTEN_OUT)];
const FOLDER_NAME = "a <b> %2F #c? \"d\" 'e' ü";

const openPage = shareBrowser();
const dir = makeTempFolder(wholeFile);
writeTree(dir, {
  "favicon.ico": "",
  [FOLDER_NAME]: Object.fromEntries(NAMES.map((name) => [name, name])),
});
// A text has no icon of its own, so that the browser asks for favicon.ico. "...txt" begins with a dot.
const args = ["--rate", "off", "--hidden", "--workers", "1"];
const weir = await startWeir(wholeFile, { dir, args });

test(`each of ${NAMES.length} hostile names opens by a click on it`, async (t) => {
  const opened = await openPage(t);
  if (opened === undefined) return;
  const { page, complaints } = opened;
  await page.goto(`${weir.url}/`);
  await page.getByRole("link", { name: `${FOLDER_NAME}/`, exact: true }).click();
  await page.waitForURL(/%3Cb%3E/);
  const listingUrl = page.url();
  for (const name of NAMES) {
    const shown = NAMES_WRITTEN_OUT[name] ?? name;
    await page.getByRole("link", { name: shown, exact: true }).click();
    await page.waitForURL((url) => url.href !== listingUrl);
    assert.equal(await page.evaluate("document.body.textContent"), name);
    await page.goto(listingUrl, { waitUntil: "commit" });
  }
  assert.deepEqual(complaints, []);
});

test("a listing of hostile names fits any width and can be read aloud [320, 1280 px]", async (t) => {
  const opened = await openPage(t);
  if (opened === undefined) return;
  const { page, complaints } = opened;
  await page.goto(`${weir.url}/${encodeURIComponent(FOLDER_NAME)}/`);
  assert.equal(await page.getByRole("heading").innerText(), `Index of\n/${FOLDER_NAME}`);
  assert.equal(await page.title(), `Index of /${FOLDER_NAME}/`);
  await checkWidths(page, [320, 1280]);
  await checkAccessibility(page);
  assert.deepEqual(complaints, []);
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: 720 });
    await saveScreenshot(page, `listing-hostile-${width}`);
  }
});
