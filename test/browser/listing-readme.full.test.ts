// A README below a listing: what a person sees of one that means well, and that one that means harm does
// nothing. In a real browser, on the real program.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";
import { saveScreenshot, shareBrowser, wholeFile } from "./browser-page.ts";
import {
  checkAccessibility,
  checkAxe,
  checkColourSchemes,
  checkWidths,
  waitForPictures,
} from "./page-basics.ts";

const PICTURE = readFileSync(
  fileURLToPath(new URL("../../examples/public/pictures/weir-cross-section.png", import.meta.url)),
);

const GOOD = `# The upper valley

Weirs *between* the **source** and the sea, with \`code\`, [a page](page.html), [a heading](#how-to-read) and [another site](https://other.example/).

![A weir, cut through](weir.png)

## How to read

> A weir is a low dam.

- one
  - two
    1. three

| River | Length | ${"Wide ".repeat(30)} |
| --- | ---: | --- |
| Upper | 120 km | ${"x".repeat(200)} |

\`\`\`sh
${"weir serve public ".repeat(20)}
\`\`\`

---
`;

const HOSTILE = `# <img src=x onerror=alert(1)> Hostile

<script>alert(1)</script>

</style><style>body{display:none}</style>

<iframe src="https://evil.example/"></iframe>

</section></main><script>alert(2)</script>

Text <a href="javascript:alert(3)" onclick="alert(4)">raw link</a> and <svg onload=alert(5)>.

[script](javascript:alert(6)) [coded](&#106;avascript:alert(7)) [data](data:text/html,<script>alert(8)</script>)

![tracker](https://evil.example/t.png) ![data](data:image/svg+xml,<svg/onload=alert(9)>) ![same](//evil.example/u.png)

<javascript:alert(10)> [ref][r] ![x" onerror="alert(11)](a.png)

[r]: javascript:alert(12) "x"

<form action="https://evil.example/"><input type="password"></form>

<meta http-equiv="refresh" content="0;url=https://evil.example/">

${"> ".repeat(500)}deep
${"- ".repeat(500)}deep
`;

const openPage = shareBrowser();
const dir = makeTempFolder(wholeFile);
writeTree(dir, {
  "good/": { "README.md": GOOD, "weir.png": PICTURE, "page.html": "<title>page</title>" },
  "hostile/": { "readme.md": HOSTILE, "a.txt": "" },
  "text/": { README: `A text.\n\n    ${"long ".repeat(200)}\n<b>as it is</b>\n` },
  "long/": { "README.md": "a".repeat(200_000) },
  "page/": { "index.html": "<title>own</title>", "README.md": "hidden" },
});
const args = ["--rate", "off", "--workers", "1", "--readme"];
const weir = await startWeir(wholeFile, { dir, args });

async function readHits(name: string): Promise<number | undefined> {
  const listing = await fetch(`${weir.url}/good/?format=json`);
  const { entries } = (await listing.json()) as { entries: { name: string; hits: number }[] };
  return entries.find((entry) => entry.name === name)?.hits;
}

async function checkLooks(page: Page, name: string): Promise<void> {
  await checkAccessibility(page);
  await checkWidths(page, [320, 360, 768, 1280]);
  await checkColourSchemes(page);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 720 });
      await checkAxe(page);
      await saveScreenshot(page, `${name}-${colorScheme}-${width}`);
    }
  }
}

test("a README is shown below the list, and is no hit [headings, links, a picture, a table, code]", async (t) => {
  const opened = await openPage(t);
  if (opened === undefined) return;
  const { page, requests, complaints } = opened;
  await page.goto(`${weir.url}/good/`);
  const section = page.getByRole("region", { name: "README.md" });
  assert.deepEqual(await section.getByRole("heading", { level: 2 }).allInnerTexts(), [
    "The upper valley",
  ]);
  assert.deepEqual(await section.getByRole("heading", { level: 3 }).allInnerTexts(), [
    "How to read",
  ]);
  await section.getByRole("img", { name: "A weir, cut through" }).scrollIntoViewIfNeeded();
  // A picture is asked for some time after it has come near.
  await waitForPictures(page, ".md img");
  assert.deepEqual(requests, [`${weir.url}/good/`, `${weir.url}/good/weir.png`]);
  assert.equal(await readHits("README.md"), 0);
  await checkLooks(page, "listing-readme");
  await section.getByRole("link", { name: "a heading" }).click();
  assert.match(page.url(), /#readme-how-to-read$/);
  const foreign = section.getByRole("link", { name: "another site" });
  assert.equal(await foreign.getAttribute("rel"), "nofollow noopener noreferrer");
  await section.getByRole("link", { name: "a page" }).click();
  await page.waitForURL(`${weir.url}/good/page.html`);
  assert.deepEqual(complaints, []);
});

test("a README that means harm does nothing [scripts, handlers, frames, forms, foreign pictures, depth]", async (t) => {
  const opened = await openPage(t);
  if (opened === undefined) return;
  const { page, requests, complaints } = opened;
  await page.goto(`${weir.url}/hostile/`, { waitUntil: "networkidle" });
  await page.mouse.wheel(0, 20_000);
  await page.waitForLoadState("networkidle");
  assert.deepEqual(
    requests.filter((url) => !url.startsWith(`${weir.url}/hostile/`)),
    [],
  );
  // The picture that is not there is all that the browser complains about.
  assert.deepEqual(
    complaints.filter((text) => !/status of 404/.test(text)),
    [],
  );
  assert.equal(await page.locator("script").count(), 1);
  assert.equal(await page.locator("style").count(), 1);
  assert.equal(
    await page.locator("iframe, .md form, meta[http-equiv], svg[onload], object").count(),
    0,
  );
  assert.equal(await page.locator("main > .readme").count(), 1);
  const hrefs = await page.evaluate<string[]>(
    "[...document.querySelectorAll('.md a, .md img')].map((element) => element.href ?? element.src)",
  );
  assert.deepEqual(hrefs, [
    "https://evil.example/t.png",
    new URL("//evil.example/u.png", weir.url).href,
    `${weir.url}/hostile/a.png`,
  ]);
  await checkWidths(page, [320, 1280]);
  await saveScreenshot(page, "listing-readme-hostile");
});

test("a text is shown as it is, and a long README is linked [README, 200,000 characters]", async (t) => {
  const opened = await openPage(t);
  if (opened === undefined) return;
  const { page } = opened;
  await page.goto(`${weir.url}/text/`);
  assert.match(
    await page.locator("pre").innerText(),
    /^A text\.\n\n {4}long long .*\n<b>as it is<\/b>/,
  );
  await checkLooks(page, "listing-readme-text");
  await page.goto(`${weir.url}/long/`);
  await page.getByRole("link", { name: "Open it by itself" }).click();
  await page.waitForURL(`${weir.url}/long/README.md`);
});

test("without --readme, as JSON, and beside a page of the folder's own there is none", async (t) => {
  const plain = await startWeir(t, { dir, args: ["--rate", "off", "--workers", "1"] });
  const read = async (url: string) => (await fetch(url)).text();
  assert.doesNotMatch(await read(`${plain.url}/good/`), /upper valley/);
  assert.doesNotMatch(await read(`${weir.url}/good/?format=json`), /upper valley/);
  assert.equal(await read(`${weir.url}/page/`), "<title>own</title>");
});
