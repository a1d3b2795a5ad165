// Pictures that are looked at in a listing: in a real browser, on the real program. What was asked for
// is what the browser asked, and what was counted is what the server says.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";
import { saveScreenshot, shareBrowser } from "./browser-page.ts";
import { checkAccessibility, checkAxe, checkWidths, waitForPictures } from "./page-basics.ts";

const EXAMPLE_DIR = fileURLToPath(new URL("../../examples/public", import.meta.url));
const UNLIMITED = ["--rate", "off", "--workers", "1"];
const SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="4000" height="3000"></svg>';

const openPage = shareBrowser();

test("a picture is asked for when it is opened and not before [by a click and by Enter, no script at work]", async (t) => {
  const opened = await openPage(t);
  if (opened === undefined) return;
  const { page, requests, complaints } = opened;
  const weir = await startWeir(t, { dir: EXAMPLE_DIR, args: UNLIMITED });
  // The page without its script: previews are of HTML alone.
  await page.route("**/pictures/", async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace(/<script>.*<\/script>/, "");
    await route.fulfill({ response, body });
  });
  await page.goto(`${weir.url}/pictures/`, { waitUntil: "networkidle" });
  assert.equal(await page.locator("script").count(), 0);
  assert.equal(await page.locator("details").count(), 4);
  await page.mouse.wheel(0, 5000);
  await page.waitForLoadState("networkidle");
  assert.deepEqual(requests, [`${weir.url}/pictures/`]);
  const loaded = (name: string) => page.waitForResponse(`${weir.url}/pictures/${name}.png`);
  const first = loaded("how-a-request-passes");
  await page.locator("summary").first().click();
  await first;
  await page.getByRole("img", { name: "Preview of how-a-request-passes.png" }).waitFor();
  const second = loaded("meanders");
  await page
    .getByRole("row", { name: /meanders/ })
    .locator("summary")
    .focus();
  await page.keyboard.press("Enter");
  await second;
  await page.getByRole("img", { name: "Preview of meanders.png" }).waitFor();
  // Closed and opened again it is still there.
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await page.waitForLoadState("networkidle");
  const listing = await fetch(`${weir.url}/pictures/?format=json`);
  const { entries } = (await listing.json()) as { entries: { hits: number }[] };
  assert.deepEqual(
    entries.map(({ hits }) => hits),
    [1, 1, 0, 0],
  );
  assert.equal(requests.length, 3);
  assert.deepEqual(complaints, []);
});

test("a browser whose scripts are off asks for no picture and has no control for one [4 pictures]", async (t) => {
  const opened = await openPage(t, { javaScriptEnabled: false });
  if (opened === undefined) return;
  const { page, requests, complaints } = opened;
  const weir = await startWeir(t, { dir: EXAMPLE_DIR, args: UNLIMITED });
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: 720 });
    await page.goto(`${weir.url}/pictures/`, { waitUntil: "networkidle" });
    assert.equal(await page.locator("summary").first().isVisible(), false);
  }
  assert.deepEqual(new Set(requests), new Set([`${weir.url}/pictures/`]));
  await page.getByRole("link", { name: "meanders.png" }).click();
  await page.waitForURL("**/meanders.png");
  assert.deepEqual(complaints, []);
});

test("a picture has its name, stays in the window and fits any width [4000 × 3000, 320 to 1280 px, both schemes]", async (t) => {
  const opened = await openPage(t);
  if (opened === undefined) return;
  const { page, complaints } = opened;
  const dir = makeTempFolder(t);
  writeTree(dir, {
    "large.svg": SVG,
    'a "quoted" & <b> name.svg': SVG,
    [`${"long".repeat(40)}.svg`]: SVG,
    "no picture.txt": "",
    "folder.png/": {},
  });
  const weir = await startWeir(t, { dir, args: UNLIMITED });
  await page.goto(`${weir.url}/`);
  const controls = await page.locator("summary").all();
  assert.equal(controls.length, 3);
  for (const control of controls) await control.click();
  await waitForPictures(page, ".pic img");
  assert.match(
    await page.locator("tbody").ariaSnapshot(),
    /img "Preview of a \\"quoted\\" & <b> name\.svg"/,
  );
  for (const width of [320, 360, 768, 1280]) {
    await checkWidths(page, [width]);
    const sizes = await page.evaluate<number[][]>(
      "[...document.querySelectorAll('.pic img')].map((image) => [image.clientWidth, image.clientHeight, image.getBoundingClientRect().right])",
    );
    for (const [wide = 0, high = 0, right = 0] of sizes) {
      assert.ok(wide > width / 2 || high > 300, `${wide} × ${high} at ${width} px`);
      assert.ok(high <= 0.6 * 800 + 1 && right <= width, `${wide} × ${high} at ${width} px`);
    }
  }
  await checkAccessibility(page);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 720 });
      await checkAxe(page);
    }
  }
  assert.deepEqual(complaints, []);
});

test("opened pictures look well [the example's, 360 and 1280 px, both schemes]", async (t) => {
  const opened = await openPage(t);
  if (opened === undefined) return;
  const { page } = opened;
  const weir = await startWeir(t, { dir: EXAMPLE_DIR, args: UNLIMITED });
  await page.goto(`${weir.url}/`);
  await page.locator("summary").click();
  await waitForPictures(page, ".pic img");
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 720 });
      await checkAxe(page);
      await saveScreenshot(page, `listing-preview-${colorScheme}-${width}`);
    }
  }
});

test("a picture that is refused or broken says what it would be [1 request a minute, bytes that are none]", async (t) => {
  const opened = await openPage(t, { colorScheme: "dark" });
  if (opened === undefined) return;
  const { page } = opened;
  const dir = makeTempFolder(t);
  writeTree(dir, { "broken.png": "none", "refused.svg": SVG });
  const weir = await startWeir(t, { dir, args: ["--rate", "2/m", "--workers", "1"] });
  await page.goto(`${weir.url}/`);
  for (const control of await page.locator("summary").all()) {
    // The second is refused, and the page is not to be sooner than the first.
    const answer = page.waitForResponse(/\.(png|svg)$/);
    await control.click();
    await answer;
  }
  for (const name of ["broken.png", "refused.svg"]) {
    const box = await page.getByRole("img", { name: `Preview of ${name}` }).boundingBox();
    assert.ok(box !== null && box.height >= 16 && box.width > 100, JSON.stringify(box));
  }
  await checkWidths(page, [320, 1280]);
  await checkAxe(page);
  await saveScreenshot(page, "listing-preview-refused");
});
