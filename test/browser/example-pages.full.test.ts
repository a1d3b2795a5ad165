// The demonstration folder as a visitor walks through it: its pages have their pictures under the
// limit that is on by default, and every link in it leads somewhere.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { startWeir } from "../fixtures/weir-process.ts";
import { saveScreenshot, shareBrowser } from "./browser-page.ts";
import { checkWidths } from "./page-basics.ts";

const EXAMPLE_DIR = fileURLToPath(new URL("../../examples/public", import.meta.url));

/** Of one client in a second, by default. */
const REQUESTS_MAX = 5;

const openPage = shareBrowser();

function listPages(): string[] {
  return readdirSync(EXAMPLE_DIR, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".html"))
    .map((path) => `/${path.split("/").map(encodeURIComponent).join("/")}`);
}

/** Fails for a picture that did not come; gives how many there are. */
async function checkPictures(page: Page): Promise<number> {
  const widths = await page.evaluate<number[]>(
    "Array.from(document.images, (image) => image.naturalWidth)",
  );
  assert.ok(
    widths.every((width) => width > 0),
    `${page.url()}: ${widths.join()}`,
  );
  return widths.length;
}

function readLinks(page: Page): Promise<string[]> {
  return page.evaluate("Array.from(document.links, (link) => link.href)");
}

test("a page with three pictures loads whole under the default limit [/welcome.html, 5/s]", async (t) => {
  const opened = await openPage(t);
  if (opened === undefined) return;
  const { page, requests, complaints } = opened;
  const weir = await startWeir(t, { dir: EXAMPLE_DIR, args: ["--workers", "1"] });
  await page.goto(`${weir.url}/welcome.html`);
  assert.equal(await checkPictures(page), 3);
  assert.equal(requests.length, 4);
  assert.deepEqual(complaints, []);
  await saveScreenshot(page, "example-welcome");
});

test("every page of the example fits limit and window, and lacks no picture, no link", async (t) => {
  const opened = await openPage(t);
  if (opened === undefined) return;
  const { page, requests, complaints } = opened;
  const weir = await startWeir(t, { dir: EXAMPLE_DIR, args: ["--rate", "off", "--workers", "1"] });
  const pages = listPages();
  assert.ok(pages.length > 5);
  const links = new Set<string>();
  for (const path of pages) {
    const requestsBefore = requests.length;
    await page.goto(weir.url + path);
    await checkPictures(page);
    assert.ok(requests.length - requestsBefore <= REQUESTS_MAX, path);
    await checkWidths(page, [360, 1280]);
    for (const link of await readLinks(page)) links.add(link);
  }
  assert.deepEqual(complaints, []);
  assert.ok(links.size > pages.length);
  for (const link of links) {
    assert.ok(link.startsWith(`${weir.url}/`), `${link} leads away`);
    const answer = await fetch(link);
    assert.equal(answer.status, 200, link);
    await answer.arrayBuffer();
  }
});
