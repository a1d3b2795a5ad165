import assert from "node:assert/strict";
import { test } from "node:test";
import { decideIcon, formatIconRules, type IconName, isShownAsPicture } from "./listing-icon.ts";

const NAMES: readonly (readonly [string, IconName])[] = [
  ["a.pdf", "text"],
  ["A.PDF", "text"],
  ["photo.jpeg", "img"],
  ["index.html", "page"],
  ["all.tar.gz", "zip"],
  ["x.constructor", "file"],
  ["README", "file"],
  ["pdf", "file"],
  ["trailing.", "file"],
  [".png", "img"],
  ["a.p\u{fffd}g", "file"],
];

for (const [name, expected] of NAMES) {
  test(`the picture follows the extension ("${name}")`, () => {
    const byteName = Buffer.from(name).toString("latin1");
    assert.equal(decideIcon({ byteName, kind: "file", sizeBytes: 0, modifiedMs: 0 }), expected);
  });
}

test('a folder is a folder whatever its name ("a.pdf")', () => {
  const facts = { byteName: "a.pdf", sizeBytes: undefined, modifiedMs: 0 };
  const entry = { ...facts, kind: "directory" } as const;
  assert.equal(decideIcon(entry), "dir");
});

test("what browsers show as a picture is one, by its extension, and a folder never is", () => {
  const shown = (byteName: string, kind: "file" | "directory" = "file") =>
    isShownAsPicture({ byteName, kind, sizeBytes: 0, modifiedMs: 0 });
  for (const extension of [
    "png",
    "jpg",
    "jpeg",
    "gif",
    "webp",
    "avif",
    "svg",
    "ico",
    "bmp",
    "PNG",
  ]) {
    assert.ok(shown(`a.${extension}`), extension);
  }
  for (const name of ["a.tiff", "a.heic", "a.html", "png", "a.png.gz", "a."])
    assert.ok(!shown(name), name);
  assert.ok(!shown("a.png", "directory"));
});

test("every picture is a quoted data URL that nothing ends early", () => {
  for (const rule of formatIconRules().match(/\.\w+\{.*?\}/g)!) {
    assert.match(rule, /^\.\w+\{--i:url\("data:image\/svg\+xml,[^"'()<>\\\s]+"\)\}$/);
  }
});
