// A folder as a zip, as Info-ZIP and Python read it: what is in it, byte for byte, and what is left out.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { requestOnce } from "../../fixtures/one-request.ts";
import { requireProgram } from "../../fixtures/system-program.ts";
import { makeTempFolder, removeFolder, type Tree, writeTree } from "../../fixtures/temp-folder.ts";
import { fetchZip, startWithZip } from "../../fixtures/zip-server.ts";

const MODIFIED_SECONDS = 1_700_000_000;
const MIB = 1024 * 1024;

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Every file and folder below, by its path as bytes, with its content's digest; a folder has none. */
function readTree(dir: string): Map<string, string | undefined> {
  const found = new Map<string, string | undefined>();
  const read = (folder: Buffer, prefix: string): void => {
    for (const name of readdirSync(folder, { encoding: "buffer" })) {
      const path = Buffer.concat([folder, Buffer.from("/"), name]);
      const key = prefix + name.toString("latin1");
      const isFolder = statSync(path).isDirectory();
      found.set(key, isFolder ? undefined : digest(readFileSync(path)));
      if (isFolder) read(path, `${key}/`);
    }
  };
  read(Buffer.from(dir), "");
  return found;
}

/** Unpacks with Info-ZIP; undefined after `t.skip`. */
function unzip(t: TestContext, zip: Buffer): string | undefined {
  const program = requireProgram(t, "unzip", "unzip");
  if (program === undefined) return undefined;
  const folder = makeTempFolder(t);
  const path = join(folder, "a.zip");
  writeFileSync(path, zip);
  const out = join(folder, "out");
  const env = { ...process.env, LC_ALL: "C.UTF-8" };
  execFileSync(program, ["-tqq", path], { env });
  execFileSync(program, ["-q", path, "-d", out], { env });
  return out;
}

/** Names and contents as Python reads them; undefined after `t.skip`. */
function readWithPython(t: TestContext, zip: Buffer): Record<string, number> | undefined {
  const program = requireProgram(t, "python3", "python3");
  if (program === undefined) return undefined;
  const path = join(makeTempFolder(t), "a.zip");
  writeFileSync(path, zip);
  const script =
    "import json, sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\n" +
    "print(json.dumps({i.filename: i.file_size for i in z.infolist()}))";
  const text = execFileSync(program, ["-c", script, path], {
    encoding: "utf8",
    maxBuffer: 64 * MIB,
  });
  return JSON.parse(text) as Record<string, number>;
}

const NAMES = [
  "a b.txt",
  "-rf",
  "Größe – я ☂.txt",
  "100%25.txt",
  "$(x);'\"`.txt",
  "*?.txt",
  "....",
];

test("a zip unpacks to the same tree, byte for byte, times and all (names, sizes, an empty folder)", async (t) => {
  const dir = makeTempFolder(t);
  const names = Object.fromEntries(NAMES.map((name) => [name, name]));
  const bytes = Buffer.alloc(300_000, "0123456789abcdef\n");
  writeTree(dir, {
    "empty.txt": "",
    "empty/": {},
    "large.txt": bytes,
    "large.bin": bytes.subarray(0, 200_001),
    "piece.bin": bytes.subarray(0, 65_536),
    "names/": { ...names, "deeper/": { ...names } },
    "with index/": { "index.html": "page", "b.txt": "b" },
  });
  // No UTF-8: a zip cannot say what letters these are, but the bytes stay.
  writeFileSync(Buffer.concat([Buffer.from(`${dir}/`), Buffer.from([0x66, 0xe9, 0xfe])]), "bytes");
  utimesSync(join(dir, "large.txt"), MODIFIED_SECONDS, MODIFIED_SECONDS);
  const weir = await startWithZip(t, dir, ["--hidden"]);
  const out = unzip(t, await fetchZip(weir));
  if (out === undefined) return;
  assert.deepEqual(readTree(out), readTree(dir));
  assert.equal(statSync(join(out, "large.txt")).mtimeMs, MODIFIED_SECONDS * 1000);
  const below = unzip(t, await fetchZip(weir, "/with%20index/")) ?? assert.fail();
  assert.deepEqual([...readTree(below).keys()].sort(), ["b.txt", "index.html"]);
});

test("a zip holds what requests get and nothing else (hidden, types, links, rights, a loop)", async (t) => {
  const dir = makeTempFolder(t);
  const outside = makeTempFolder(t);
  writeTree(outside, { "secret.txt": "secret", "folder/": { "secret.txt": "secret" } });
  const tree: Tree = {
    "a.txt": "a",
    "b.exe": "b",
    ".hidden.txt": "h",
    ".git/": { "config.txt": "h" },
    "sub/": { "c.txt": "c" },
    "closed.txt": "x",
    "closed/": { "d.txt": "d" },
  };
  writeTree(dir, tree);
  symlinkSync("a.txt", join(dir, "link.txt"));
  symlinkSync(join(outside, "secret.txt"), join(dir, "outside.txt"));
  symlinkSync(join(outside, "folder"), join(dir, "outside"));
  symlinkSync("..", join(dir, "sub", "loop"));
  symlinkSync("nowhere", join(dir, "broken.txt"));
  chmodSync(join(dir, "closed.txt"), 0);
  chmodSync(join(dir, "closed"), 0);
  const weir = await startWithZip(t, dir, ["--types", "txt"]);
  const held = readWithPython(t, await fetchZip(weir));
  if (held === undefined) return;
  // Root may read everything.
  const closed = process.getuid?.() === 0 ? ["closed.txt", "closed/", "closed/d.txt"] : [];
  assert.deepEqual(
    Object.keys(held).sort(),
    ["a.txt", ...closed, "link.txt", "sub/", "sub/c.txt"].sort(),
  );
  for (const name of Object.keys(held)) {
    assert.equal((await requestOnce(weir.port, `/${name}`)).status, 200, name);
  }
  chmodSync(join(dir, "closed"), 0o755);
});

test("names that mean more elsewhere are written out (backslashes, controls, and what looks like them)", async (t) => {
  const dir = makeTempFolder(t);
  writeTree(dir, { "x\\..\\..\\y.txt": "1", "C:\\x.txt": "2", "a\nb.txt": "3", "C:%5Cx.txt": "4" });
  const weir = await startWithZip(t, dir);
  const held = readWithPython(t, await fetchZip(weir));
  if (held === undefined) return;
  assert.deepEqual(Object.keys(held).sort(), [
    "C:%5Cx.txt",
    "_C:%5Cx.txt",
    "a%0Ab.txt",
    "x%5C..%5C..%5Cy.txt",
  ]);
});

/** In memory where the system has such a place: a disk takes half a minute for so many files. */
function makeLargeFolder(t: TestContext): string {
  const parent = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
  const folder = realpathSync(mkdtempSync(join(parent, "weir-zip-")));
  t.after(() => removeFolder(folder));
  return folder;
}

test("a zip of more than 65,535 entries can be read, one of more than 100,000 is none (66,000, 102,000)", async (t) => {
  const dir = makeLargeFolder(t);
  writeTree(dir, { "many/": {}, "more/": {} });
  for (let index = 0; index < 66_000; index++) writeFileSync(join(dir, "many", `f${index}`), "");
  const weir = await startWithZip(t, dir);
  const held = readWithPython(t, await fetchZip(weir));
  if (held === undefined) return;
  assert.equal(Object.keys(held).length, 66_002);
  for (let index = 0; index < 36_000; index++) writeFileSync(join(dir, "more", `f${index}`), "");
  await assert.rejects(fetchZip(weir), /terminated|other side closed|aborted/);
});
