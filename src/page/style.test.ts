import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ColourScheme,
  formatContentSecurityPolicy,
  PAGE_COLOURS,
  PAGE_ICON_URL,
  PAGE_STYLE,
} from "./style.ts";

/** Relative luminance of #rrggbb as WCAG 2.2 defines it. */
function readLuminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((index) => {
    const share = Number.parseInt(colour.slice(index, index + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(a: string, b: string): number {
  const [dark, light] = [readLuminance(a), readLuminance(b)].sort((x, y) => x - y);
  return (light! + 0.05) / (dark! + 0.05);
}

test("the contrast of black on white is 21 (the check itself)", () => {
  assert.equal(contrast("#000000", "#ffffff").toFixed(3), "21.000");
});

for (const scheme of ["light", "dark"] satisfies ColourScheme[]) {
  const colours = PAGE_COLOURS[scheme];
  for (const text of ["text", "quiet", "accent"] as const) {
    for (const ground of ["ground", "sheet", "hover"] as const) {
      test(`text can be read (${text} on ${ground}, ${scheme})`, () => {
        assert.ok(contrast(colours[text], colours[ground]) >= 4.5);
      });
    }
  }
  test(`bars stand out from their ground (fill on line, ${scheme})`, () => {
    assert.ok(contrast(colours.fill, colours.line) >= 2);
  });
}

test("the style asks for nothing from elsewhere and cannot end its element", () => {
  assert.doesNotMatch(PAGE_STYLE, /https?:|@import|<|\n/);
});

test("the icon fits into a quoted attribute and into url() as it is", () => {
  assert.match(PAGE_ICON_URL, /^data:image\/svg\+xml,[A-Za-z0-9%._~!*-]+$/);
});

test("the policy allows the style by its hash and nothing else (empty style)", () => {
  assert.equal(
    formatContentSecurityPolicy(""),
    "default-src 'none'; style-src 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
  );
});

test("the policy of a page with a script allows that one by its hash (empty script)", () => {
  assert.match(
    formatContentSecurityPolicy("", { script: "" }),
    /^default-src 'none'; script-src 'sha256-47DEQpj8HBSa\+\/TImW\+5JCeuQeRkm5NMpJWZG3hSuFU='; style-src 'sha256-/,
  );
});

test("the policy of a page with pictures allows those of its own server, and no script", () => {
  const policy = formatContentSecurityPolicy("", { showsPictures: true });
  assert.match(policy, / img-src 'self' data:; /);
  assert.doesNotMatch(policy, /script|unsafe|\*/);
});
