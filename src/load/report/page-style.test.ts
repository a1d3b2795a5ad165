import assert from "node:assert/strict";
import { test } from "node:test";
import { PAGE_COLOURS } from "../../http/page-style.ts";
import { REPORT_STYLE, TONE_COLOURS } from "./page-style.ts";

/** Relative luminance of #rrggbb as WCAG 2.2 defines it. */
function readLuminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((index) => {
    const share = Number.parseInt(colour.slice(index, index + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

for (const scheme of ["light", "dark"] as const) {
  for (const [tone, colour] of Object.entries(TONE_COLOURS[scheme])) {
    test(`lines and bars stand out from the sheet (${tone}, ${scheme})`, () => {
      const [low, high] = [readLuminance(colour), readLuminance(PAGE_COLOURS[scheme].sheet)].sort(
        (a, b) => a - b,
      );
      assert.ok((high! + 0.05) / (low! + 0.05) >= 3);
    });
  }
}

test("the style asks for nothing from elsewhere and cannot end its element", () => {
  assert.doesNotMatch(REPORT_STYLE, /https?:|@import|url\(|<|\n/);
});
