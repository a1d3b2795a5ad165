import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { PAGE_COLOURS, PAGE_ICON_URL } from "../../src/page/style.ts";
import { readPlotColours } from "./page-look.ts";

const style = readFileSync(new URL("look.css", import.meta.url), "utf8");
const page = readFileSync(new URL("index.html", import.meta.url), "utf8");

type Variables = ReadonlyMap<string, string>;

/** The variables of the first `:root` after `start`. */
function readVariables(start: string): Map<string, string> {
  const from = style.indexOf(start);
  assert.ok(from >= 0, `look.css has no ${start}`);
  const block = /:root \{([^}]*)\}/.exec(style.slice(from))?.[1] ?? "";
  return new Map(
    Array.from(block.matchAll(/(--[\w-]+): ([^;]+);/g), ([, name, value]) => [name!, value!]),
  );
}

const light = readVariables(":root {");
const schemes: Readonly<Record<"light" | "dark", Variables>> = {
  light,
  dark: new Map([...light, ...readVariables("(prefers-color-scheme: dark)")]),
};

/** Relative luminance of #rrggbb as WCAG 2.2 defines it. */
function readLuminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((index) => {
    const share = Number.parseInt(colour.slice(index, index + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(a: string, b: string): number {
  const [low, high] = [readLuminance(a), readLuminance(b)].sort((x, y) => x - y);
  return (high! + 0.05) / (low! + 0.05);
}

/** Of two colours, `top` with its share of opacity in its last two digits, over an opaque one. */
function blend(top: string, ground: string): string {
  const share = Number.parseInt(top.slice(7, 9), 16) / 255;
  const channels = [1, 3, 5].map((index) => {
    const [over, under] = [top, ground].map((c) => Number.parseInt(c.slice(index, index + 2), 16));
    return Math.round(over! * share + under! * (1 - share))
      .toString(16)
      .padStart(2, "0");
  });
  return `#${channels.join("")}`;
}

for (const scheme of ["light", "dark"] as const) {
  const variables = schemes[scheme];
  const colourOf = (name: string): string => variables.get(`--${name}`) ?? "";

  test(`the colours are those of weir's other pages (${scheme})`, () => {
    for (const [name, value] of Object.entries(PAGE_COLOURS[scheme])) {
      assert.equal(colourOf(name), value, name);
    }
  });

  test(`every colour that a plot asks for is there (${scheme})`, () => {
    const colours = readPlotColours((variable) => variables.get(variable) ?? "");
    for (const [name, value] of Object.entries(colours))
      assert.match(value, /^#[\da-f]{6,8}$/, name);
  });

  for (const name of [
    "succeeded",
    "redirected",
    "mistaken",
    "refused",
    "failed",
    "first",
    "second",
    "third",
  ]) {
    test(`lines and areas stand out from the sheet (${name}, ${scheme})`, () => {
      assert.ok(contrast(colourOf(name), colourOf("sheet")) >= 3);
    });
  }

  test(`words that warn can be read on every ground (${scheme})`, () => {
    const grounds = ["ground", "sheet", "hover"].map(colourOf);
    for (const ground of [...grounds, blend(colourOf("warn-wash"), colourOf("sheet"))]) {
      assert.ok(contrast(colourOf("warn"), ground) >= 4.5, ground);
    }
  });

  test(`refused and failed are apart without their hue (${scheme})`, () => {
    assert.ok(contrast(colourOf("refused"), colourOf("failed")) >= 1.4);
  });
}

test("the icon is that of weir's other pages", () => {
  assert.ok(page.includes(`<link rel="icon" href="${PAGE_ICON_URL}">`));
});

test("the page has no style and no script of its own, and asks no one else", () => {
  assert.doesNotMatch(page, /<style|style=|<script(?! type="module" src="main\.js")|\son\w+=/);
  assert.doesNotMatch(page.replaceAll(PAGE_ICON_URL, ""), /https?:|src="(?!main\.js")/);
  assert.doesNotMatch(style, /url\(|@import|https?:/);
});
