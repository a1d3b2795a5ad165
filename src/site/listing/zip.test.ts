import assert from "node:assert/strict";
import { chmodSync, mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { countDescriptors, HAS_PROC } from "../../../test/fixtures/process-facts.ts";
import { makeTempFolder, type Tree, writeTree } from "../../../test/fixtures/temp-folder.ts";
import { resolvePath, type SafePath } from "../path.ts";
import type { ServedFolder } from "../served-folder.ts";
import { nameForZip, ZIP_LIMITS, type ZipLimits, zipParts } from "./zip.ts";

const RULES = { hidden: false, symlinks: "inside", types: undefined } as const;
/** Marks the end of a whole zip (APPNOTE §4.3.16). */
const END_SIGNATURE = Buffer.from("PK\u0005\u0006");

function makeFolder(t: TestContext, tree: Tree): ServedFolder {
  const rootDir = makeTempFolder(t);
  writeTree(rootDir, tree);
  return { rootDir, rules: RULES };
}

function rootPath(): SafePath {
  const resolved = resolvePath("/");
  return resolved.kind === "path" ? resolved.path : assert.fail();
}

async function zipWhole(folder: ServedFolder, limits: Partial<ZipLimits> = {}): Promise<Buffer> {
  const parts = zipParts(folder, rootPath(), { ...ZIP_LIMITS, ...limits });
  return Buffer.concat((await Array.fromAsync(parts)).map((part) => Buffer.from(part as Buffer)));
}

const TREE: Tree = { "a.txt": "a", "b/": { "c.txt": "c", "d/": { "e.txt": "e" } }, ".hidden": "" };

test("names come in the order of a listing, files before folders (a.txt, b/, b/c.txt, b/d/…)", async (t) => {
  const text = (await zipWhole(makeFolder(t, TREE))).toString("latin1");
  const records = text.split("PK\u0001\u0002").slice(1);
  const names = records.map((record) => record.slice(42, 42 + record.charCodeAt(24)));
  assert.deepEqual(names, ["a.txt", "b/", "b/c.txt", "b/d/", "b/d/e.txt"]);
});

test("entries are Unix's and have the modes of their files, without setuid (0755, 0644, 0600, 04711, 0000)", async (t) => {
  const files = { "a.sh": 0o755, "b.txt": 0o644, "c.key": 0o600, "d.bin": 0o4711, "e.txt": 0 };
  const names = Object.keys(files);
  const folder = makeFolder(t, {
    "f/": {},
    ...Object.fromEntries(names.map((name) => [name, ""])),
  });
  for (const [name, mode] of Object.entries(files)) chmodSync(join(folder.rootDir, name), mode);
  const records = (await zipWhole(folder)).toString("latin1").split("PK\u0001\u0002").slice(1);
  const read = records.map((record) => {
    const bytes = Buffer.from(record, "latin1");
    const name = record.slice(42, 42 + bytes.readUInt16LE(24));
    // APPNOTE 4.4.2.2: 3 is Unix; 4.4.15: the mode is in the upper half.
    return [name, bytes[1], bytes.readUInt16LE(36).toString(8)];
  });
  const expected = [
    ["a.sh", 3, "100755"],
    ["b.txt", 3, "100644"],
    ["c.key", 3, "100600"],
    ["d.bin", 3, "100711"],
    // Only root can read it here.
    ...(process.getuid?.() === 0 ? [["e.txt", 3, "100400"]] : []),
    ["f/", 3, "40755"],
  ];
  assert.deepEqual(read, expected);
});

/** Bounds that the tree above just meets, and just passes: six names, one of them hidden. */
const BOUNDS: readonly (readonly [keyof ZipLimits, number])[] = [
  ["entriesMax", 6],
  ["depthMax", 2],
  ["pathBytesMax", "a.txtb/b/c.txtb/d/b/d/e.txt".length],
];

for (const [bound, most] of BOUNDS) {
  test(`a folder at a bound is a whole zip, one beyond it none (${bound})`, async (t) => {
    const folder = makeFolder(t, TREE);
    assert.ok((await zipWhole(folder, { [bound]: most })).includes(END_SIGNATURE));
    await assert.rejects(zipWhole(folder, { [bound]: most - 1 }), /no zip/);
  });
}

test("a file that is written to meanwhile ends the zip (cut short, written anew)", async (t) => {
  for (const change of ["cut", "anew"]) {
    const folder = makeFolder(t, {});
    const path = join(folder.rootDir, "a.bin");
    writeFileSync(path, Buffer.alloc(1_000_000));
    const parts = zipParts(folder, rootPath());
    await parts.next();
    if (change === "cut") truncateSync(path, 10);
    else writeFileSync(path, Buffer.alloc(1_000_000, 1));
    await assert.rejects(Array.fromAsync(parts), { name: "SourceChangedError" });
  }
});

test("whoever ends it early has its file closed, begun or not (10 times each)", async (t) => {
  if (!HAS_PROC) return t.skip("needs /proc");
  const folder = makeFolder(t, {});
  mkdirSync(join(folder.rootDir, "a"));
  writeFileSync(join(folder.rootDir, "b.bin"), Buffer.alloc(1_000_000));
  const before = countDescriptors(process.pid);
  for (let turn = 0; turn < 10; turn++) {
    const parts = zipParts(folder, rootPath());
    await parts.next();
    assert.equal(countDescriptors(process.pid), before + 1);
    await parts.return(undefined);
    await zipParts(folder, rootPath()).return(undefined);
  }
  assert.equal(countDescriptors(process.pid), before);
});

test("names stay as they are, whatever bytes they have (spaces, percent signs, no UTF-8)", () => {
  const names = ["a b", "100%5C", "..x", "\xff\xfe", "-rf", "C:"];
  assert.deepEqual(names.map(nameForZip(names)), names);
});

test("a backslash and controls are written out, and no two names become one", () => {
  const names = ["a\\b", "a%5Cb", "_a%5Cb", "x\n\x7f"];
  assert.deepEqual(names.map(nameForZip(names)), ["__a%5Cb", "a%5Cb", "_a%5Cb", "x%0A%7F"]);
});
