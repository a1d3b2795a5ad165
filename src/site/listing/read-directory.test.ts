import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  closeSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type TestContext, test } from "node:test";
import { makeTempFolder, removeFolder, writeTree } from "../../../test/fixtures/temp-folder.ts";
import type { DirectoryEntry } from "./entry.ts";
import {
  type DescribeEntry,
  type DirectoryContent,
  describeStats,
  readDirectory,
} from "./read-directory.ts";
import { runWhole } from "./time-slice.ts";

const LIMITS = { entriesMax: 10_000, countedMax: 10_000, mayBeListed: () => true };
const HAS_PROC_FD = process.platform === "linux";

/** The plainest policy: every file and directory, no symbolic links. */
const describePlainly: DescribeEntry = (byteName, path) => describeStats(byteName, lstatSync(path));

function read(
  folder: string | Buffer,
  describe: DescribeEntry = describePlainly,
  limits = LIMITS,
): DirectoryContent {
  return runWhole(readDirectory(Buffer.from(folder), describe, limits)).result;
}

function namesOf(entries: readonly DirectoryEntry[]): string[] {
  return entries.map((entry) => entry.byteName).sort();
}

function writeFiles(folder: string, count: number): string[] {
  const names = Array.from({ length: count }, (_, index) => `f${index}`);
  for (const name of names) writeFileSync(join(folder, name), "");
  return names.sort();
}

/** The path of a folder that stays open until the test ends, as the server hands it in. */
function openFolder(t: TestContext, folder: string): string {
  const fd = openSync(folder, "r");
  t.after(() => closeSync(fd));
  return `/proc/self/fd/${fd}`;
}

test("files and directories are described, an empty folder has none", (t) => {
  const folder = makeTempFolder(t);
  assert.deepEqual(read(folder), {
    entries: [],
    nameCount: 0,
    nameBytes: 0,
    isComplete: true,
    unreadCount: 0,
  });
  writeTree(folder, { "a.txt": "12345", "sub/": {} });
  utimesSync(join(folder, "a.txt"), 1000, 1000);
  utimesSync(join(folder, "sub"), 2000, 2000);
  const { entries, nameCount, nameBytes } = read(folder);
  assert.deepEqual(
    entries.toSorted((a, b) => a.modifiedMs - b.modifiedMs),
    [
      { byteName: "a.txt", kind: "file", sizeBytes: 5, modifiedMs: 1_000_000 },
      { byteName: "sub", kind: "directory", sizeBytes: undefined, modifiedMs: 2_000_000 },
    ],
  );
  assert.equal(nameCount, 2);
  assert.equal(nameBytes, "a.txtsub".length);
});

test("names come as their bytes, below a folder of any name (UTF-8, ff fe)", (t) => {
  const folder = Buffer.concat([Buffer.from(makeTempFolder(t)), Buffer.from("/ä")]);
  mkdirSync(folder);
  const names = [Buffer.from("é я"), Buffer.from([0x61, 0xff, 0xfe])];
  try {
    for (const name of names) writeFileSync(Buffer.concat([folder, Buffer.from("/"), name]), "x");
  } catch {
    return t.skip("this file system takes only UTF-8 names");
  }
  const { entries } = read(folder);
  assert.deepEqual(namesOf(entries), names.map((name) => name.toString("latin1")).sort());
  for (const { sizeBytes } of entries) assert.equal(sizeBytes, 1);
});

test("links and FIFOs are left out", { skip: process.platform === "win32" }, (t) => {
  const folder = makeTempFolder(t);
  writeFileSync(join(folder, "real"), "");
  symlinkSync("real", join(folder, "link"));
  symlinkSync("nowhere", join(folder, "dangling"));
  execFileSync("mkfifo", [join(folder, "fifo")]);
  assert.deepEqual(namesOf(read(folder).entries), ["real"]);
});

test("the policy that is handed in decides what is listed (no name with a dot first)", (t) => {
  const folder = makeTempFolder(t);
  writeTree(folder, { ".hidden": "", seen: "" });
  const { entries } = read(folder, (byteName, path) =>
    byteName.startsWith(".") ? undefined : describePlainly(byteName, path),
  );
  assert.deepEqual(namesOf(entries), ["seen"]);
});

test("entries that vanish meanwhile are skipped (every second of 100)", (t) => {
  const folder = makeTempFolder(t);
  writeFiles(folder, 100);
  const { entries, isComplete } = read(folder, (byteName, path) => {
    const isEven = Number(byteName.slice(1)) % 2 === 0;
    if (isEven) rmSync(join(folder, byteName), { force: true });
    return describePlainly(byteName, path);
  });
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
  test(`no more names are looked at than allowed (3000 files, at most ${entriesMax})`, (t) => {
    const folder = makeTempFolder(t);
    writeFiles(folder, 3000);
    const content = read(folder, describePlainly, { ...LIMITS, entriesMax });
    assert.equal(new Set(namesOf(content.entries)).size, listedCount);
    assert.equal(content.entries.length, listedCount);
    assert.equal(content.isComplete, isComplete);
    assert.equal(content.unreadCount, 3000 - listedCount);
  });
}

test("names that are not looked at are counted, those that may be listed, up to a bound (3000 files)", (t) => {
  const folder = makeTempFolder(t);
  writeFiles(folder, 3000);
  const countOf = (limits: object) =>
    read(folder, describePlainly, { ...LIMITS, entriesMax: 100, ...limits }).unreadCount;
  assert.equal(countOf({}), 2900);
  assert.equal(countOf({ mayBeListed: () => false }), 0);
  assert.equal(countOf({ countedMax: 2000 }), 2000);
  assert.equal(countOf({ countedMax: 0 }), 0);
});

test("it pauses after 64 names at most (1000 files)", (t) => {
  const folder = makeTempFolder(t);
  writeFiles(folder, 1000);
  let described = 0;
  const work = readDirectory(
    Buffer.from(folder),
    () => {
      described++;
      return undefined;
    },
    LIMITS,
  );
  for (let before = 0; work.next().done !== true; before = described) {
    assert.ok(described - before <= 64);
  }
  assert.equal(described, 1000);
});

test("a folder that is not there is an error in the first step, and so is a describe that fails", (t) => {
  const folder = makeTempFolder(t);
  const missing = Buffer.from(join(folder, "missing"));
  assert.throws(() => readDirectory(missing, describePlainly, LIMITS).next(), { code: "ENOENT" });
  writeFileSync(join(folder, "a"), "");
  const fail = () => {
    throw new Error("no");
  };
  assert.throws(() => read(folder, fail), { message: "no" });
});

/** What may become of a folder of 1000 files after the first step, seen from its parent. */
const HAPPENINGS: readonly (readonly [string, (folder: string) => void])[] = [
  ["moved away", (folder) => renameSync(folder, `${folder}-moved`)],
  [
    "moved away, and another of the same names put in its place",
    (folder) => {
      renameSync(folder, `${folder}-moved`);
      mkdirSync(folder);
      for (const name of writeFiles(folder, 1000)) truncateSync(join(folder, name), 7);
    },
  ],
  [
    "moved away, and a link put in its place",
    (folder) => {
      renameSync(folder, `${folder}-moved`);
      const other = `${folder}-other`;
      mkdirSync(other);
      for (const name of writeFiles(other, 1000)) truncateSync(join(other, name), 7);
      symlinkSync(basename(other), folder);
    },
  ],
];

for (const [what, happen] of HAPPENINGS) {
  test(`an open folder is read as it is, ${what} (1000 files)`, { skip: !HAS_PROC_FD }, (t) => {
    const folder = join(makeTempFolder(t), "folder");
    mkdirSync(folder);
    const names = writeFiles(folder, 1000);
    const work = readDirectory(Buffer.from(openFolder(t, folder)), describePlainly, LIMITS);
    work.next();
    happen(folder);
    const { entries } = runWhole(work).result;
    assert.deepEqual(namesOf(entries), names);
    assert.deepEqual(
      entries.filter(({ sizeBytes }) => sizeBytes !== 0),
      [],
    );
  });
}

test("an entry is not lost when the folder is away for a moment", { skip: !HAS_PROC_FD }, (t) => {
  const folder = join(makeTempFolder(t), "folder");
  mkdirSync(folder);
  const names = writeFiles(folder, 64);
  let described = 0;
  const work = readDirectory(
    Buffer.from(openFolder(t, folder)),
    (byteName, path) => {
      described++;
      if (described === 10) renameSync(folder, `${folder}-moved`);
      const isBack = statSync(folder, { throwIfNoEntry: false }) !== undefined;
      if (described === 20 && !isBack) renameSync(`${folder}-moved`, folder);
      return describePlainly(byteName, path);
    },
    LIMITS,
  );
  assert.deepEqual(namesOf(runWhole(work).result.entries), names);
});

test("a work that is ended early closes the folder (1000 files)", { skip: !HAS_PROC_FD }, (t) => {
  const folder = makeTempFolder(t);
  writeFiles(folder, 1000);
  const openCount = () => read("/proc/self/fd", () => undefined).nameBytes;
  const before = openCount();
  const work = readDirectory(Buffer.from(folder), describePlainly, LIMITS);
  work.next();
  assert.ok(openCount() > before);
  work.return(undefined as never);
  assert.equal(openCount(), before);
});

/** A disk whose folders hold names without the kinds of what they name; needs the rights of root. */
function mountWithoutKinds(t: TestContext): string | undefined {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "weir-disk-")));
  const [image, disk] = [join(folder, "image"), join(folder, "disk")];
  mkdirSync(disk);
  writeFileSync(image, "");
  truncateSync(image, 8 * 1024 * 1024);
  try {
    const features = "^filetype,^metadata_csum";
    execFileSync("mkfs.ext4", ["-q", "-O", features, image], { stdio: "pipe" });
    execFileSync("mount", ["-o", "loop", image, disk], { stdio: "pipe" });
  } catch {
    removeFolder(folder);
    t.skip("making a disk and mounting it is not permitted here");
    return undefined;
  }
  t.after(() => {
    execFileSync("umount", [disk]);
    removeFolder(folder);
  });
  return disk;
}

test("a disk that tells no kinds is read as well (names of any bytes)", (t) => {
  const disk = mountWithoutKinds(t);
  if (disk === undefined) return;
  const odd = Buffer.concat([Buffer.from(`${disk}/`), Buffer.from([0xff, 0xfe])]);
  writeFileSync(odd, "12");
  writeTree(disk, { plain: "1", "sub/": {} });
  const { entries } = read(disk);
  assert.deepEqual(namesOf(entries), ["lost+found", "plain", "sub", "\xff\xfe"]);
  unlinkSync(odd);
  assert.deepEqual(namesOf(read(disk).entries), ["lost+found", "plain", "sub"]);
});
