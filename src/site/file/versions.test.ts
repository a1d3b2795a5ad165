import assert from "node:assert/strict";
import { test } from "node:test";
import { SourceChangedError } from "../../http/source.ts";
import { datingOf, FileTags, type TaggedFile } from "./versions.ts";

const NOW_MS = Date.UTC(2026, 10, 26, 12) + 0.123;
const NATURAL_MS = NOW_MS - 60_000.25;
const HOUR_MS = 3_600_000;
const MIB = 1024 * 1024;

/** A file whose facts can be anything, and whose reads are counted. */
class FakeFile implements TaggedFile {
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly changedMs: number;
  readCount = 0;
  isSame = true;
  readonly #content: Buffer;

  constructor(content: string | Buffer, modifiedMs: number, changedMs = modifiedMs) {
    this.#content = Buffer.from(content);
    this.sizeBytes = this.#content.length;
    this.modifiedMs = modifiedMs;
    this.changedMs = changedMs;
  }

  get versionKey(): string {
    return `1 77 ${this.changedMs}`;
  }

  read(into: Buffer, position: number): number {
    this.readCount++;
    return this.#content.copy(into, 0, position);
  }

  isUnchangedNow(): boolean {
    return this.isSame;
  }
}

/** What is known of a time, the time itself, when the facts changed, and the size. */
const DATINGS: readonly (readonly [string, "exact" | "rough" | "none", number, number, number?])[] =
  [
    ["the kernel's own", "exact", NATURAL_MS, NATURAL_MS],
    ["the epoch", "none", 0, NATURAL_MS],
    ["one second after the epoch", "none", 1000, NATURAL_MS],
    ["before the epoch", "none", -5000.5, NATURAL_MS],
    ["the first day of FAT", "none", Date.UTC(1980, 0, 1), NATURAL_MS],
    ["npm's archives of 1985", "rough", Date.UTC(1985, 9, 26, 8, 15), NATURAL_MS],
    [
      "a whole second that is the kernel's own, on a coarse disk",
      "rough",
      NOW_MS - 60_000.123,
      NOW_MS - 60_000.123,
    ],
    ["a whole millisecond", "rough", Math.floor(NATURAL_MS), Math.floor(NATURAL_MS)],
    ["set to a fraction", "rough", NATURAL_MS - 5, NATURAL_MS],
    ["in the future", "rough", NOW_MS + HOUR_MS + 0.5, NOW_MS + HOUR_MS + 0.5],
    ["changed 10 ms ago", "rough", NOW_MS - 10.25, NOW_MS - 10.25],
    ["changed 10 ms ago, a large file that grows", "exact", NOW_MS - 10.25, NOW_MS - 10.25, MIB],
  ];

for (const [name, dating, modifiedMs, changedMs, sizeBytes = 4] of DATINGS) {
  test(`a file's time is ${dating} [${name}]`, () => {
    assert.equal(datingOf({ modifiedMs, changedMs, sizeBytes }, NOW_MS), dating);
  });
}

test("a natural file is not read for its tag, and another time or size is another tag", async () => {
  const tags = new FileTags(() => NOW_MS);
  const files = [
    new FakeFile("v=1;", NATURAL_MS),
    new FakeFile("v=1;", NATURAL_MS - 1.5),
    new FakeFile("v=10;", NATURAL_MS),
  ];
  const made = files.map((file) => tags.tagOf(file));
  for (const tag of made) assert.equal(typeof tag, "string");
  assert.equal(new Set(made).size, 3);
  assert.deepEqual(
    files.map(({ readCount }) => readCount),
    [0, 0, 0],
  );
});

test("the tag by content is another for other bytes, the same for the same, and worked out once for each change", async () => {
  const tags = new FileTags(() => NOW_MS);
  const [first, same, other] = [
    new FakeFile("v=1;", 1000, NATURAL_MS),
    new FakeFile("v=1;", 1000, NATURAL_MS),
    new FakeFile("v=2;", 1000, NATURAL_MS + 1),
  ];
  const tag = await tags.tagOf(first);
  assert.equal(await tags.tagOf(same), tag);
  assert.equal(same.readCount, 0);
  assert.notEqual(await tags.tagOf(other), tag);
  assert.equal(await new FileTags(() => NOW_MS + 1e6).tagOf(first), tag);
});

test("a file that changed a moment ago is read each time: its next change may get the same date", async () => {
  const tags = new FileTags(() => NOW_MS);
  const changedMs = NOW_MS - 5.25;
  const first = await tags.tagOf(new FakeFile("v=1;", 1000, changedMs));
  const second = await tags.tagOf(new FakeFile("v=2;", 1000, changedMs));
  assert.notEqual(first, second);
});

test("requests that come together read a file once", async () => {
  const tags = new FileTags(() => NOW_MS);
  const files = Array.from(
    { length: 10 },
    () => new FakeFile(Buffer.alloc(3 * MIB), 1000, NATURAL_MS),
  );
  const made = await Promise.all(files.map((file) => tags.tagOf(file)));
  assert.equal(new Set(made).size, 1);
  assert.equal(files.filter(({ readCount }) => readCount > 0).length, 1);
});

test("a file of more than 16 MiB is not read, and each change of it has a tag", async () => {
  const tags = new FileTags(() => NOW_MS);
  const content = Buffer.alloc(16 * MIB + 1);
  const [before, after] = [NATURAL_MS, NATURAL_MS + 7].map(
    (changedMs) => new FakeFile(content, 1000, changedMs),
  );
  assert.notEqual(await tags.tagOf(before!), await tags.tagOf(after!));
  assert.equal(before!.readCount, 0);
});

test("a file that is written to while it is read has no tag", async () => {
  const tags = new FileTags(() => NOW_MS);
  const file = new FakeFile("v=1;", 1000, NATURAL_MS);
  file.isSame = false;
  await assert.rejects(async () => tags.tagOf(file), SourceChangedError);
});
