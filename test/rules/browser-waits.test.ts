// The rule of waiting in a browser: tests wait by locators, which no policy of a page can forbid, or by a
// condition that they look at from outside (waitUntil), and never for a time.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readTypeScript, type SourceFile } from "./source-files.ts";

const FAULTS: Readonly<Record<string, string>> = {
  waitForFunction:
    "weir's policy of pages forbids to evaluate text there: use a locator or waitUntil",
  waitForTimeout: "no time is enough on every machine: wait for what should come",
};

function findBannedWaits(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path }) => path.startsWith("test/browser/"))
    .flatMap(({ path, text }) =>
      Object.entries(FAULTS)
        .filter(([name]) => text.includes(`.${name}(`))
        .map(([name, advice]) => `${path} waits with ${name}: ${advice}.`),
    );
}

test("no browser test waits by text that a page evaluates, or for a time", () => {
  assert.deepEqual(findBannedWaits(readTypeScript()), []);
});

test("such a wait is found", () => {
  for (const name of Object.keys(FAULTS)) {
    const text = `await page.${name}("1");`;
    assert.equal(findBannedWaits([{ path: "test/browser/a.full.test.ts", text }]).length, 1);
  }
});
