// The demonstration folder, examples/public: it holds what a listing should be tried with, its links lead
// somewhere, and its pages are light.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join, relative } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";

const EXAMPLES = fileURLToPath(new URL("../../examples/public", import.meta.url));
const EXAMPLE_BYTES_MAX = 400 * 1024;

const files = readdirSync(EXAMPLES, { recursive: true, encoding: "utf8" }).filter((name) =>
  statSync(join(EXAMPLES, name)).isFile(),
);
const pages = files.filter((name) => extname(name) === ".html");

test("examples: shows a listing at its top, and holds what the listing should be tried with", () => {
  assert.ok(!files.includes("index.html"));
  assert.ok(pages.includes("welcome.html") && files.includes("handbook.pdf"));
  // A folder's own page, a page two folders down, a name with spaces, one with other letters.
  const kinds = [/^books\/.+\/index\.html$/, /^books(\/[^/]+){2}\/.+/, / /, /[^\0-\x7f]/];
  const absent = kinds.filter((kind) => !pages.some((name) => kind.test(name)));
  assert.deepEqual(absent, []);
  const extensions = new Set(files.map((name) => extname(name)));
  for (const each of [".html", ".png", ".jpg", ".pdf"]) assert.ok(extensions.has(each), each);
  const bytes = files.reduce((sum, name) => sum + statSync(join(EXAMPLES, name)).size, 0);
  assert.ok(bytes <= EXAMPLE_BYTES_MAX, `${bytes} bytes`);
});

for (const page of pages) {
  test(`${page}: every link and picture is a file or a folder of the folder`, () => {
    const targets = listTargets(page);
    assert.ok(targets.length > 0);
    for (const target of targets) {
      const path = join(EXAMPLES, page, "..", decodeURIComponent(target));
      assert.ok(!relative(EXAMPLES, path).startsWith(".."), `${target} leads out of the folder`);
      assert.ok(existsSync(path), `${target} is not there`);
      assert.equal(target.endsWith("/"), statSync(path).isDirectory(), `${target}: slash`);
    }
  });

  test(`${page}: has no script and fits, with its pictures, into five requests`, () => {
    const html = readFileSync(join(EXAMPLES, page), "utf8");
    assert.match(html, /^<!doctype html>\n<html lang="[a-z]{2}">/);
    assert.match(html, /<meta name="viewport"/);
    assert.match(html, /<link rel="icon" href="data:/);
    assert.doesNotMatch(html, /<script|\son\w+=|https?:(?!\/\/www\.w3\.org\/2000\/svg)|@import/i);
    const pictures = new Set(html.match(/<img [^>]*src="[^"]*"/g));
    assert.ok(pictures.size + 1 <= 5, `${pictures.size} pictures and the page`);
  });
}

test("examples: has pictures and documents that begin as their extensions say", () => {
  const beginnings = { ".png": "89504e470d0a1a0a", ".jpg": "ffd8ff", ".pdf": "255044462d312e" };
  for (const [extension, hex] of Object.entries(beginnings)) {
    for (const file of files.filter((name) => extname(name) === extension)) {
      assert.ok(readFileSync(join(EXAMPLES, file)).toString("hex").startsWith(hex), file);
    }
  }
});

/** The values of href and src, without those that need no request. */
function listTargets(page: string): string[] {
  const html = readFileSync(join(EXAMPLES, page), "utf8");
  return [...html.matchAll(/\s(?:href|src)="([^"]*)"/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !target.startsWith("data:"));
}
