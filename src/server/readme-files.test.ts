import assert from "node:assert/strict";
import { chmodSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileEntry } from "../../test/fixtures/sample-listing.ts";
import { makeTempFolder, type Tree, writeTree } from "../../test/fixtures/temp-folder.ts";
import { OpenFile } from "../files/open-file.ts";
import { resolvePath, type SafePath } from "../files/resolve-path.ts";
import type { ServedFolder } from "../files/served-folder.ts";
import type { ServingRules } from "../files/serving-rules.ts";
import { runWhole } from "../listing/time-slice.ts";
import { ReadmeFiles } from "./readme-files.ts";

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
