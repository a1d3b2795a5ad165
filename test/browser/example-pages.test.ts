// The demonstration folder as a visitor walks through it: its pages have their pictures under the
// limit that is on by default, and every link in it leads somewhere.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { startWeir } from "../fixtures/weir-process.ts";
import { saveScreenshot, shareBrowser } from "./browser-page.ts";
import { checkWidths } from "./page-basics.ts";

const EXAMPLE_DIR = fileURLToPath(new URL("../../examples/public", import.meta.url));

/** Of one client in a second, by default. */
const REQUESTS_MAX = 5;

const { openPage, close } = shareBrowser();
after(close);

function listPages(): string[] {
  return readdirSync(EXAMPLE_DIR, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".html"))
    .map((path) => `/${path.split("/").map(encodeURIComponent).join("/")}`);
}

/** The width of each picture as it was drawn by its maker; 0 for one that did not come. */
function readPictureWidths(page: Page): Promise<number[]> {
  return page.evaluate("Array.from(document.images, (image) => image.naturalWidth)");
}

test("a page with three pictures loads whole under the default limit [/welcome.html, 5/s]", async (t) => {
  const opened = await openPage(t);
  if (opened === undefined) return;
  const { page, requests, complaints } = opened;
  const weir = await startWeir(t, { dir: EXAMPLE_DIR });
  await page.goto(`${weir.url}/welcome.html`, { waitUntil: "networkidle" });
  const widths = await readPictureWidths(page);
  assert.equal(widths.length, 3);
  assert.ok(
    widths.every((width) => width > 0),
    widths.join(),
  );
  assert.equal(requests.length, 4);
  assert.deepEqual(complaints, []);
  await saveScreenshot(page, "example-welcome");
});

test("every page of the example fits the limit, the window, and has all its pictures", async (t) => {
  const opened = await openPage(t);
  if (opened === undefined) return;
  const { page, requests, complaints } = opened;
  const weir = await startWeir(t, { dir: EXAMPLE_DIR, args: ["--rate", "off"] });
  const pages = listPages();
  assert.ok(pages.length > 5);
  for (const path of pages) {
    const requestsBefore = requests.length;
    await page.goto(weir.url + path);
    const widths = await readPictureWidths(page);
    assert.ok(
      widths.every((width) => width > 0),
      `${path}: ${widths.join()}`,
    );
    assert.ok(requests.length - requestsBefore <= REQUESTS_MAX, path);
    await checkWidths(page, [360, 1280]);
  }
  assert.deepEqual(complaints, []);
});

test("every link of the example's pages and listings leads to something that is there", async (t) => {
  const opened = await openPage(t);
  if (opened === undefined) return;
  const { page } = opened;
  const weir = await startWeir(t, { dir: EXAMPLE_DIR, args: ["--rate", "off"] });
  const seen = new Set([`${weir.url}/`]);
  for (const url of seen) {
    const answer = await fetch(url);
    assert.equal(answer.status, 200, url);
    if (!answer.headers.get("content-type")?.startsWith("text/html")) continue;
    await page.goto(url);
    const hrefs = await page.evaluate<string[]>("Array.from(document.links, (link) => link.href)");
    for (const href of hrefs) {
      assert.ok(href.startsWith(`${weir.url}/`), `${url} leads away, to ${href}`);
      seen.add(href.replace(/[?#].*$/, ""));
    }
  }
  for (const path of listPages()) {
    const url = weir.url + path.replace(/\/index\.html$/, "/");
    assert.ok(seen.has(url), `no link leads to ${url}`);
  }
});
