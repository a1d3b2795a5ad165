// What every page of weir's own owes to whoever looks at it, whatever it says: that it can be read
// with a screen reader, at any width, in either colour scheme. Called by the tests of each page.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { waitUntil } from "../fixtures/process-facts.ts";

const AXE_PATH = fileURLToPath(import.meta.resolve("axe-core/axe.min.js"));

/** A language, a title, one first heading, a main part, and a name for each link. */
export async function checkAccessibility(page: Page): Promise<void> {
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  assert.match(await page.title(), /\S/);
  assert.equal(await page.locator("h1").count(), 1);
  assert.equal(await page.locator("main").count(), 1);
  const tree = await page.locator("body").ariaSnapshot();
  assert.match(tree, /- link "/);
  assert.doesNotMatch(tree, /- link(?! ")/, "a link has no name");
}

/**
 * Nothing that axe-core, the field's checker of accessibility, finds fault with. It is run by the
 * debugger, which no policy of the page holds back, and so needs no page of another policy.
 */
export async function checkAxe(page: Page): Promise<void> {
  if ((await page.evaluate("typeof axe")) === "undefined") {
    await page.evaluate(readFileSync(AXE_PATH, "utf8"));
  }
  const { violations, passes } = await page.evaluate<AxeResults>("axe.run()");
  assert.deepEqual(
    violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ target }) => target)}`),
    [],
  );
  assert.ok(passes.length > 10, `${passes.length} rules were looked at`);
}

/** Waits until every picture that `selector` finds is there; there must be one at least. */
export async function waitForPictures(page: Page, selector: string): Promise<void> {
  const pictures = `[...document.querySelectorAll(${JSON.stringify(selector)})]`;
  const areThere = `${pictures}.length > 0 && ${pictures}.every((image) => image.naturalWidth > 0)`;
  await waitUntil("the pictures are there", () => page.evaluate<boolean>(areThere));
}

/** Nothing sticks out sideways: no one has to scroll in two directions. */
export async function checkWidths(page: Page, widthsPx: readonly number[]): Promise<void> {
  for (const width of widthsPx) {
    await page.setViewportSize({ width, height: 800 });
    const [needed, given] = await page.evaluate<[number, number]>(
      "[document.scrollingElement.scrollWidth, innerWidth]",
    );
    assert.equal(given, width);
    assert.ok(needed <= given, `${needed} px are needed, ${given} px are there`);
  }
}

/** Light on dark and dark on light, each when it is asked for. */
export async function checkColourSchemes(page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme: "light" });
  const light = await readBrightness(page);
  assert.ok(light.ground > 0.9 && light.text < 0.3, `light: ${JSON.stringify(light)}`);
  await page.emulateMedia({ colorScheme: "dark" });
  const dark = await readBrightness(page);
  assert.ok(dark.ground < 0.2 && dark.text > 0.7, `dark: ${JSON.stringify(dark)}`);
}

/** 0 is black, 1 is white. */
async function readBrightness(page: Page): Promise<{ ground: number; text: number }> {
  const [ground, text] = await page.evaluate<string[]>(
    "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]",
  );
  return { ground: parseBrightness(ground), text: parseBrightness(text) };
}

function parseBrightness(colour = ""): number {
  const channels = /^rgb\((\d+), (\d+), (\d+)\)$/.exec(colour)?.slice(1).map(Number);
  assert.ok(channels, `"${colour}" is not an opaque colour`);
  return channels.reduce((sum, channel) => sum + channel, 0) / (3 * 255);
}
