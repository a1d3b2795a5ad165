import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, unlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { DirectoryEntry } from "./listing-entry.ts";
import { describeByLstat, joinNameBytes, readDirectory } from "./read-directory.ts";

const LIMITS = { entriesMax: 10_000 };

async function makeFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "weir-listing-"));
  context.after(() => rm(folder, { recursive: true }));
  return folder;
}

function readNames(entries: readonly DirectoryEntry[]): string[] {
  return entries.map((entry) => entry.nameBytes.toString()).sort();
}

test("files and directories are described, an empty folder has none", async (context) => {
  const folder = await makeFolder(context);
  assert.deepEqual(await readDirectory(folder, describeByLstat(folder), LIMITS), {
    entries: [],
    isComplete: true,
  });
  await writeFile(join(folder, "a.txt"), "12345");
  await utimes(join(folder, "a.txt"), 1000, 1000);
  await mkdir(join(folder, "sub"));
  await utimes(join(folder, "sub"), 2000, 2000);
  const { entries } = await readDirectory(folder, describeByLstat(folder), LIMITS);
  entries.sort((a, b) => a.modifiedMs - b.modifiedMs);
  assert.deepEqual(entries, [
    { nameBytes: Buffer.from("a.txt"), kind: "file", sizeBytes: 5, modifiedMs: 1_000_000 },
    {
      nameBytes: Buffer.from("sub"),
      kind: "directory",
      sizeBytes: undefined,
      modifiedMs: 2_000_000,
    },
  ]);
});

test("a name that is not UTF-8 comes back as its bytes (ff fe, below a Buffer path)", async (context) => {
  const folder = Buffer.from(await makeFolder(context));
  const nameBytes = Buffer.from([0x61, 0xff, 0xfe]);
  try {
    await writeFile(joinNameBytes(folder, nameBytes), "x");
  } catch {
    return context.skip("this file system takes only UTF-8 names");
  }
  const { entries } = await readDirectory(folder, describeByLstat(folder), LIMITS);
  assert.deepEqual(entries[0]?.nameBytes, nameBytes);
});

test("links and FIFOs are left out", { skip: process.platform === "win32" }, async (context) => {
  const folder = await makeFolder(context);
  await writeFile(join(folder, "real"), "");
  await symlink("real", join(folder, "link"));
  await symlink("nowhere", join(folder, "dangling"));
  execFileSync("mkfifo", [join(folder, "fifo")]);
  const { entries } = await readDirectory(folder, describeByLstat(folder), LIMITS);
  assert.deepEqual(readNames(entries), ["real"]);
});

test("the policy that is handed in decides what is listed (no name with a dot first)", async (context) => {
  const folder = await makeFolder(context);
  await writeFile(join(folder, ".hidden"), "");
  await writeFile(join(folder, "seen"), "");
  const describe = describeByLstat(folder);
  const { entries } = await readDirectory(
    folder,
    (nameBytes, dirent) => (nameBytes[0] === 0x2e ? undefined : describe(nameBytes, dirent)),
    LIMITS,
  );
  assert.deepEqual(readNames(entries), ["seen"]);
});

test("entries that vanish meanwhile are skipped (every second of 100)", async (context) => {
  const folder = await makeFolder(context);
  for (let index = 0; index < 100; index++) await writeFile(join(folder, `f${index}`), "");
  const describe = describeByLstat(folder);
  let seenCount = 0;
  const { entries, isComplete } = await readDirectory(
    folder,
    async (nameBytes, dirent) => {
      if (seenCount++ % 2 === 0) await unlink(joinNameBytes(folder, nameBytes));
      return describe(nameBytes, dirent);
    },
    LIMITS,
  );
  assert.equal(entries.length, 50);
  assert.equal(isComplete, true);
});

for (const [entriesMax, listedCount, isComplete] of [
  [0, 0, false],
  [1, 1, false],
  [2999, 2999, false],
  [3000, 3000, true],
  [3001, 3000, true],
] as const) {
  test(`no more names are looked at than allowed (3000 files, at most ${entriesMax})`, async (context) => {
    const folder = await makeFolder(context);
    const names = Array.from({ length: 3000 }, (_, index) => join(folder, `f${index}`));
    await Promise.all(names.map((name) => writeFile(name, "")));
    const facts = { kind: "file", sizeBytes: 0, modifiedMs: 0 } as const;
    const content = await readDirectory(folder, () => facts, { entriesMax });
    assert.equal(new Set(readNames(content.entries)).size, listedCount);
    assert.equal(content.entries.length, listedCount);
    assert.equal(content.isComplete, isComplete);
  });
}

test("at most 32 entries are described at once (200 files)", async (context) => {
  const folder = await makeFolder(context);
  for (let index = 0; index < 200; index++) await writeFile(join(folder, `f${index}`), "");
  let underWayCount = 0;
  let underWayCountMost = 0;
  await readDirectory(
    folder,
    async () => {
      underWayCountMost = Math.max(underWayCountMost, ++underWayCount);
      await setImmediate();
      underWayCount--;
      return undefined;
    },
    LIMITS,
  );
  assert.equal(underWayCountMost, 32);
});

test("a folder that is not there is an error (ENOENT), and so is a describe that fails", async (context) => {
  const folder = await makeFolder(context);
  const missing = join(folder, "missing");
  await assert.rejects(readDirectory(missing, describeByLstat(missing), LIMITS), {
    code: "ENOENT",
  });
  await writeFile(join(folder, "a"), "");
  const fail = () => Promise.reject(new Error("no"));
  await assert.rejects(readDirectory(folder, fail, LIMITS), { message: "no" });
});
