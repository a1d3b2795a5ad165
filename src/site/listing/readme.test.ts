import assert from "node:assert/strict";
import { chmodSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileEntry, folderEntry } from "../../../test/fixtures/sample-listing.ts";
import { makeTempFolder, type Tree, writeTree } from "../../../test/fixtures/temp-folder.ts";
import { OpenFile } from "../file/open-file.ts";
import { resolvePath, type SafePath } from "../path.ts";
import type { ServedFolder, ServingRules } from "../served-folder.ts";
import { MarkdownPage } from "./markdown-page.ts";
import { findReadmes, formatLinkedReadme, formatReadme, ReadmeFiles } from "./readme.ts";
import { runWhole } from "./time-slice.ts";

const readmes = await ReadmeFiles.load();

function makeFolder(t: TestContext, tree: Tree, rules: Partial<ServingRules> = {}): ServedFolder {
  const rootDir = makeTempFolder(t);
  writeTree(rootDir, tree);
  return { rootDir, rules: { hidden: false, symlinks: "inside", types: undefined, ...rules } };
}

function rootPath(): SafePath {
  const resolved = resolvePath("/");
  return resolved.kind === "path" ? resolved.path : assert.fail();
}

function sectionOf(folder: ServedFolder, ...names: string[]): string | undefined {
  const entries = names.map((name) => fileEntry(name));
  return runWhole(readmes.sectionFor(folder, rootPath(), entries)).result?.html;
}

test("a README that is there is shown, and its change is seen at once", (t) => {
  const folder = makeFolder(t, { "README.md": "*one*" });
  for (let turn = 0; turn < 2; turn++) {
    assert.match(sectionOf(folder, "README.md") ?? "", /<em>one<\/em>/);
  }
  writeFileSync(join(folder.rootDir, "README.md"), "*two*");
  assert.match(sectionOf(folder, "README.md") ?? "", /<em>two<\/em>/);
  writeFileSync(join(folder.rootDir, "new"), "*six*");
  renameSync(join(folder.rootDir, "new"), join(folder.rootDir, "README.md"));
  assert.match(sectionOf(folder, "README.md") ?? "", /<em>six<\/em>/);
});

test("a README that would not be served is not shown, and the next one is (gone, outside, a type)", (t) => {
  const outside = makeTempFolder(t);
  writeTree(outside, { secret: "secret" });
  const folder = makeFolder(t, { "README.txt": "text" });
  symlinkSync(join(outside, "secret"), join(folder.rootDir, "README.md"));
  const names = ["README.md", "README.markdown", "README.txt"];
  const section = sectionOf(folder, ...names) ?? "";
  assert.match(section, /<pre class="text">text</);
  assert.doesNotMatch(section, /secret/);
  const rules = { ...folder.rules, types: new Set(["html"]) };
  assert.equal(sectionOf({ ...folder, rules }, ...names), undefined);
});

test("a README that may not be read is not shown", (t) => {
  if (process.getuid?.() === 0) return t.skip("root may read everything");
  const folder = makeFolder(t, { README: "text" });
  chmodSync(join(folder.rootDir, "README"), 0);
  assert.equal(sectionOf(folder, "README"), undefined);
});

test("a README of up to 128 KiB is shown, a longer one is linked", (t) => {
  const folder = makeFolder(t, { README: "a".repeat(128 * 1024) });
  assert.match(sectionOf(folder, "README") ?? "", /a{1000}/);
  writeFileSync(join(folder.rootDir, "README"), "a".repeat(128 * 1024 + 1));
  assert.match(sectionOf(folder, "README") ?? "", /too long to be shown here/);
});

test("a README that is written to at this moment is linked, and shown the next time", (t) => {
  const folder = makeFolder(t, { "README.md": "*one*" });
  const isUnchanged = t.mock.method(OpenFile.prototype, "isUnchangedNow", () => false);
  const section = sectionOf(folder, "README.md") ?? "";
  assert.match(section, /being changed at this moment\. <a href="README\.md">/);
  assert.equal(isUnchanged.mock.callCount(), 1);
  isUnchanged.mock.restore();
  assert.match(sectionOf(folder, "README.md") ?? "", /<em>one<\/em>/);
});

const markdown = new MarkdownPage();

test("the README is the first of its names, whatever their case (eight entries)", () => {
  const entries = [
    ...[folderEntry("README.md"), fileEntry("README"), fileEntry("readme.TXT")],
    ...[fileEntry("ReadMe.md"), fileEntry("README.markdown"), fileEntry("README.md.bak")],
    ...[fileEntry("readme.rst"), fileEntry("not README.md")],
  ];
  assert.deepEqual(
    findReadmes(entries).map(({ byteName }) => byteName),
    ["ReadMe.md", "README.markdown", "readme.TXT", "README"],
  );
  assert.deepEqual(findReadmes([fileEntry("a.txt")]), []);
});

test("a README is shown under its name, which leads to it (README.md)", () => {
  const html = formatReadme(markdown, fileEntry("README.md"), Buffer.from("*a*"));
  assert.equal(
    html,
    '<section class="readme" aria-label="README.md">\n<p class="text"><a href="README.md">README.md</a></p>\n<div class="md" dir="auto"><p><em>a</em></p>\n</div>\n</section>\n',
  );
});

test("a text is shown as it is (README.txt, README)", () => {
  for (const name of ["README.txt", "README"]) {
    const html = formatReadme(markdown, fileEntry(name), Buffer.from("*a* <b>\n"));
    assert.ok(html.includes('<pre class="text">*a* &lt;b&gt;\n</pre>'));
  }
});

test("what is no UTF-8 becomes U+FFFD, and a byte order mark nothing (ef bb bf, a, ff)", () => {
  const bytes = Buffer.from([0xef, 0xbb, 0xbf, 0x61, 0xff]);
  assert.ok(formatReadme(markdown, fileEntry("README.md"), bytes).includes("<p>a\ufffd</p>"));
});

test("Markdown that is too much to set is shown as a text (30,000 stars)", () => {
  const html = formatReadme(markdown, fileEntry("README.md"), Buffer.from("*".repeat(30_000)));
  assert.match(html, /<pre class="text">\*{30000}<\/pre>/);
});

test("a long README is linked", () => {
  const html = formatLinkedReadme(fileEntry("README.md"), "long");
  assert.match(html, /too long to be shown here\. <a href="README\.md">Open it by itself<\/a>/);
});
