import assert from "node:assert/strict";
import {
  appendFileSync,
  closeSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { CountingSource } from "../../../test/fixtures/counting-source.ts";
import { makeHead } from "../../../test/fixtures/request-head.ts";
import { makeTempFolder, type Tree, writeTree } from "../../../test/fixtures/temp-folder.ts";
import { NO_BODY, type Reply } from "../../http/reply.ts";
import { resolvePath } from "../path.ts";
import type { ServedFolder, ServingRules } from "../served-folder.ts";
import {
  loadBufferedBody,
  type OpenFile,
  ReadSamples,
  SAMPLE_BYTES_MAX,
  SMALL_BODY_BYTES_MAX,
} from "./open-file.ts";
import { type OpenOutcome, openServed } from "./open-served.ts";

const LARGE_BYTES = 3 * SMALL_BODY_BYTES_MAX;

function makeFolder(t: TestContext, tree: Tree, rules: Partial<ServingRules> = {}): ServedFolder {
  const rootDir = makeTempFolder(t);
  writeTree(rootDir, tree);
  return { rootDir, rules: { hidden: false, symlinks: "inside", types: undefined, ...rules } };
}

function open(folder: ServedFolder, urlPath: string): OpenOutcome {
  const resolved = resolvePath(urlPath);
  assert.ok(resolved.kind === "path");
  return openServed(folder, resolved.path);
}

async function openFile(t: TestContext, folder: ServedFolder, urlPath: string): Promise<OpenFile> {
  const opened = open(folder, urlPath);
  assert.ok(opened.kind === "file", `${urlPath} is ${opened.kind}`);
  t.after(() => opened.file.close());
  return opened.file;
}

async function readAll(file: OpenFile): Promise<Buffer> {
  const bytes = Buffer.alloc(file.sizeBytes);
  for (let at = 0; at < bytes.length; ) {
    const readBytes = await file.read(bytes.subarray(at, at + SMALL_BODY_BYTES_MAX), at);
    if (readBytes === 0) break;
    at += readBytes;
  }
  return bytes;
}

/** What happens to a file of many lines after it was opened, and whether it still is the same. */
const HAPPENINGS: readonly (readonly [string, (path: string, content: string) => void, boolean])[] =
  [
    ["nothing", () => {}, true],
    ["is appended to", (path) => appendFileSync(path, "one more line\n"), true],
    ["is replaced by another", replace, true],
    ["is removed", (path) => rmSync(path), true],
    ["is written anew, longer", (path, content) => writeFileSync(path, `x${content}`), false],
    [
      "is written anew, longer, with the same beginning",
      (path, content) =>
        writeFileSync(path, content.replace("line 5000\n", "line five thousand\n")),
      false,
    ],
    [
      "is written anew, as long",
      (path, content) => writeFileSync(path, "x".repeat(content.length)),
      false,
    ],
    ["is written anew, shorter", (path, content) => writeFileSync(path, content.slice(1)), false],
    ["is cut to nothing", (path) => writeFileSync(path, ""), false],
    ["is touched", (path) => utimesSync(path, 1, 1), false],
  ];

function replace(path: string): void {
  writeFileSync(`${path}.new`, "new");
  renameSync(`${path}.new`, path);
}

const LINES = Array.from({ length: 20_000 }, (_, index) => `line ${index}\n`).join("");

for (const [what, happen, isSame] of HAPPENINGS) {
  test(`a large file that ${what} after it was read is ${isSame ? "the same" : "another"}`, async (t) => {
    const folder = makeFolder(t, { "a.log": LINES });
    const file = await openFile(t, folder, "/a.log");
    assert.equal((await readAll(file)).toString(), LINES);
    happen(join(folder.rootDir, "a.log"), LINES);
    assert.equal(file.isUnchangedNow(), isSame);
    assert.equal(await file.isUnchanged(), isSame);
  });
}

test("a large file that is written anew before it is read is another, although all that is read is of the new", async (t) => {
  const folder = makeFolder(t, { "a.txt": "a".repeat(LARGE_BYTES) });
  const file = await openFile(t, folder, "/a.txt");
  writeFileSync(join(folder.rootDir, "a.txt"), "b".repeat(LARGE_BYTES + 1));
  await readAll(file);
  assert.equal(await file.isUnchanged(), false);
});

test("an append that has set the time of a log, and not its size yet, is waited for once", async (t) => {
  const folder = makeFolder(t, { "a.log": LINES });
  const path = join(folder.rootDir, "a.log");
  const file = await openFile(t, folder, "/a.log");
  utimesSync(path, new Date(), new Date(Date.now() + 60_000));
  assert.equal(file.isUnchangedNow(), false);
  const isUnchanged = file.isUnchanged();
  assert.ok(isUnchanged instanceof Promise);
  appendFileSync(path, "one more line\n");
  assert.equal(await isUnchanged, true);
});

test("an empty file that grows is another: it was about to be written", async (t) => {
  const folder = makeFolder(t, { "a.txt": "" });
  const file = await openFile(t, folder, "/a.txt");
  writeFileSync(join(folder.rootDir, "a.txt"), "content");
  assert.equal(await file.isUnchanged(), false);
});

/** Ages of a small file, and whether it is still the same after it has grown. */
for (const [age, ageMs, isSame] of [
  // From the future, so that the time this test takes does not matter.
  ["just now", -60_000, true],
  ["a minute ago", 60_000, false],
] as const) {
  test(`a small file that was written ${age} and grows is ${isSame ? "followed" : "to be read again"}`, async (t) => {
    const folder = makeFolder(t, { "a.txt": "aaa" });
    const path = join(folder.rootDir, "a.txt");
    utimesSync(path, new Date(), new Date(Date.now() - ageMs));
    const file = await openFile(t, folder, "/a.txt");
    appendFileSync(path, "a");
    assert.equal((await readAll(file)).toString(), "aaa");
    assert.equal(await file.isUnchanged(), isSame);
  });

  test(`a small file that was written ${age} and is written anew, longer, is another`, async (t) => {
    const folder = makeFolder(t, { "a.txt": "aaa" });
    const path = join(folder.rootDir, "a.txt");
    utimesSync(path, new Date(), new Date(Date.now() - ageMs));
    const file = await openFile(t, folder, "/a.txt");
    writeFileSync(path, "bbbb");
    assert.equal((await readAll(file)).toString(), "bbb");
    assert.equal(await file.isUnchanged(), false);
  });
}

test("a log that grows while it is opened is opened with a length that it had", async (t) => {
  const line = "a line of a log\n";
  const folder = makeFolder(t, { "a.log": line.repeat(10_000) });
  const path = join(folder.rootDir, "a.log");
  let isDone = false;
  const writing = (async () => {
    while (!isDone) {
      appendFileSync(path, line);
      await new Promise(setImmediate);
    }
  })();
  for (let left = 50; left > 0; left--) {
    const file = await openFile(t, folder, "/a.log");
    const text = (await readAll(file)).toString();
    assert.equal(text, line.repeat(file.sizeBytes / line.length));
  }
  isDone = true;
  await writing;
});

test("a file is closed once [twice]", async (t) => {
  const folder = makeFolder(t, { "a.txt": "a" });
  const opened = open(folder, "/a.txt");
  assert.ok(opened.kind === "file");
  opened.file.close();
  assert.throws(() => opened.file.close(), /closed once/);
});

for (const symlinks of ["deny", "inside", "follow"] as const) {
  test(`a file that is replaced all the time is always there [--symlinks ${symlinks}, 300 opens]`, async (t) => {
    const folder = makeFolder(t, { "a.txt": "old" }, { symlinks });
    const path = join(folder.rootDir, "a.txt");
    const outside = makeTempFolder(t);
    writeTree(outside, { "0": "even", "1": "odd" });
    let isDone = false;
    const writing = (async () => {
      for (let turn = 0; !isDone; turn++) {
        linkSync(join(outside, `${turn % 2}`), `${path}.new`);
        renameSync(`${path}.new`, path);
        await new Promise(setImmediate);
      }
    })();
    const kinds = new Map<string, number>();
    for (let left = 300; left > 0; left--) {
      const opened = open(folder, "/a.txt");
      kinds.set(opened.kind, (kinds.get(opened.kind) ?? 0) + 1);
      if (opened.kind === "file") opened.file.close();
    }
    isDone = true;
    await writing;
    assert.deepEqual([...kinds], [["file", 300]]);
  });
}

test("a link to a file whose name ends as those of deleted files do is refused [--symlinks deny]", async (t) => {
  const folder = makeFolder(t, { "a (deleted)": "a" }, { symlinks: "deny" });
  symlinkSync("a (deleted)", join(folder.rootDir, "a"));
  assert.equal(open(folder, "/a").kind, "absent");
  const byItsName = open(folder, "/a%20(deleted)");
  assert.ok(byItsName.kind === "file");
  byItsName.file.close();
});

const READ_BYTES = 8192;

function makeContent(readCount: number): Buffer {
  const content = Buffer.alloc(readCount * READ_BYTES);
  for (let at = 0; at < content.length; at += 4) content.writeUInt32LE(at, at);
  return content;
}

function sample(content: Buffer): ReadSamples {
  const samples = new ReadSamples();
  for (let at = 0; at < content.length; at += READ_BYTES) {
    samples.add(at, content.subarray(at, at + READ_BYTES));
  }
  return samples;
}

function openWith(t: TestContext, content: Buffer): number {
  const path = join(makeTempFolder(t), "file");
  writeFileSync(path, content);
  const fd = openSync(path, "r");
  t.after(() => closeSync(fd));
  return fd;
}

for (const readCount of [1, 2, 63, 64, 65, 1000]) {
  test(`a file that has only grown has all that was sampled [${readCount} reads]`, (t) => {
    const content = makeContent(readCount);
    const fd = openWith(t, Buffer.concat([content, Buffer.from("more")]));
    assert.equal(sample(content).areIn(fd), true);
  });
}

for (const readCount of [1, 64, 1000]) {
  test(`a file without the last read's beginning, or with another first one, is found [${readCount} reads]`, (t) => {
    const content = makeContent(readCount);
    const samples = sample(content);
    const other = Buffer.from(content);
    other[SAMPLE_BYTES_MAX - 1]! ^= 1;
    assert.equal(samples.areIn(openWith(t, other)), false);
    assert.equal(samples.areIn(openWith(t, content.subarray(0, SAMPLE_BYTES_MAX - 1))), false);
  });
}

for (const readCount of [2, 64, 65, 1000, 5000]) {
  test(`a file whose content moved by a byte halfway is found [${readCount} reads]`, (t) => {
    const content = makeContent(readCount);
    const half = content.length / 2;
    const moved = [content.subarray(0, half), Buffer.from("x"), content.subarray(half)];
    assert.equal(sample(content).areIn(openWith(t, Buffer.concat(moved))), false);
  });
}

test("the number of samples is bounded [100,000 reads]", (t) => {
  const samples = new ReadSamples();
  const content = makeContent(1);
  for (let at = 0; at < 100_000; at++) samples.add(0, content);
  assert.equal(samples.areIn(openWith(t, content)), true);
  assert.ok(samples.count <= 64);
});

function bodyOf(reply: Reply | "changed"): Buffer {
  assert.ok(reply !== "changed" && reply.body.kind === "bytes");
  return reply.body.bytes;
}

for (const lengthBytes of [0, 1, 1000, SMALL_BODY_BYTES_MAX]) {
  test(`a small body is read whole and its source closed [${lengthBytes} bytes]`, async () => {
    const source = new CountingSource(lengthBytes);
    const fields = [["A", "b"]] as const;
    const reply = await loadBufferedBody(makeHead(), { ...source.reply(), fields });
    assert.ok(bodyOf(reply).equals(source.bytes));
    assert.equal(source.closedCount, 1);
    assert.ok(reply !== "changed" && reply.status === 200 && reply.fields === fields);
  });
}

test("of a large source a small part is read [1,000 bytes at 100,000]", async () => {
  const source = new CountingSource(200_000);
  const read = source.read.bind(source);
  source.read = (into, position) => read(into.subarray(0, 7), position);
  const reply = await loadBufferedBody(makeHead(), source.reply(100_000, 1000));
  assert.ok(bodyOf(reply).equals(source.bytes.subarray(100_000, 101_000)));
  assert.equal(source.closedCount, 1);
});

const LARGE_BODY_BYTES = SMALL_BODY_BYTES_MAX + 1;

test("a large body is left to be read while it is sent, and its source open", async () => {
  const source = new CountingSource(LARGE_BODY_BYTES);
  const reply = source.reply();
  assert.equal(await loadBufferedBody(makeHead(), reply), reply);
  assert.equal(source.closedCount, 0);
});

for (const lengthBytes of [10, LARGE_BODY_BYTES]) {
  test(`the body for HEAD is not read, whatever became of it [${lengthBytes} bytes]`, async () => {
    const source = new CountingSource(lengthBytes);
    source.brokenAt = 0;
    source.hasChanged = true;
    const reply = source.reply();
    assert.equal(await loadBufferedBody(makeHead({}, "HEAD"), reply), reply);
    assert.equal(source.closedCount, 0);
  });

  test(`a file that is another by now is told before the head leaves [${lengthBytes} bytes]`, async () => {
    const source = new CountingSource(lengthBytes);
    source.hasChanged = true;
    const reply = await loadBufferedBody(makeHead(), source.reply());
    assert.ok(reply === "changed");
    assert.equal(source.closedCount, 1);
  });

  test(`a source that cannot tell whether it changed is closed [${lengthBytes} bytes]`, async () => {
    const source = new CountingSource(lengthBytes);
    source.isUnchanged = () => {
      throw new Error("the disk is gone");
    };
    await assert.rejects(loadBufferedBody(makeHead(), source.reply()), /the disk is gone/);
    assert.equal(source.closedCount, 1);
  });
}

test("a file that was cut short is told, and its source closed", async () => {
  const source = new CountingSource(1000);
  source.endsAt = 999;
  assert.equal(await loadBufferedBody(makeHead(), source.reply()), "changed");
  assert.equal(source.closedCount, 1);
});

test("a source that breaks is closed, and says why", async () => {
  const source = new CountingSource(1000);
  source.brokenAt = 0;
  await assert.rejects(loadBufferedBody(makeHead(), source.reply()), /the disk is broken/);
  assert.equal(source.closedCount, 1);
});

test("bodies of other kinds are left as they are", async () => {
  for (const body of [
    NO_BODY,
    { kind: "bytes", bytes: Buffer.from("a") },
    { kind: "parts", parts: [] },
  ] as const) {
    const reply: Reply = { status: 304, fields: [], body };
    assert.equal(await loadBufferedBody(makeHead(), reply), reply);
  }
});
