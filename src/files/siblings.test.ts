import assert from "node:assert/strict";
import { appendFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import { countDescriptors, HAS_PROC } from "../../test/fixtures/process-facts.ts";
import { makeTempFolder } from "../../test/fixtures/temp-folder.ts";
import type { ContentCoding } from "./encoding.ts";
import { openServedFile } from "./open-served.ts";
import { resolvePath, type SafePath } from "./resolve-path.ts";
import type { ServedFolder } from "./served-folder.ts";
import { ageOfSibling, COMPARED_BYTES_MAX, type IgnoredSibling, Siblings } from "./siblings.ts";

const TEXT = "what is said twice is shorter\n".repeat(500);
const ENCODE = { br: brotliCompressSync, zstd: zstdCompressSync, gzip: gzipSync } as const;
const ENDINGS = { br: ".br", zstd: ".zst", gzip: ".gz" } as const;
/** Seconds since 1970, with a fraction. */
const NOW_S = 1_790_000_000.25;

function pathOf(urlPath: string): SafePath {
  const resolved = resolvePath(urlPath);
  return resolved.kind === "path" ? resolved.path : assert.fail();
}

interface Site {
  readonly folder: ServedFolder;
  readonly siblings: Siblings;
  readonly ignored: IgnoredSibling[];
}

function makeSite(t: TestContext): Site {
  const ignored: IgnoredSibling[] = [];
  const rules = { hidden: false, symlinks: "inside", types: undefined } as const;
  const folder = { rootDir: makeTempFolder(t), rules };
  const siblings = new Siblings({ onIgnored: (sibling) => ignored.push(sibling) });
  return { folder, siblings, ignored };
}

/** @param ageSeconds by how much it is older than the next */
function write(site: Site, name: string, bytes: string | Uint8Array, ageSeconds: number): void {
  const path = join(site.folder.rootDir, name);
  writeFileSync(path, bytes);
  utimesSync(path, NOW_S - ageSeconds, NOW_S - ageSeconds);
}

async function isUsed(site: Site, name: string, coding: ContentCoding): Promise<boolean> {
  const path = pathOf(`/${name}`);
  const opened = await openServedFile(site.folder, path);
  assert.ok(opened.kind === "file");
  try {
    const sibling = await site.siblings.open(site.folder, path, opened.file, coding);
    sibling?.close();
    return sibling !== undefined;
  } finally {
    opened.file.close();
  }
}

for (const coding of ["br", "zstd", "gzip"] as const) {
  test(`a little older, it is used if it holds the file, in ${coding}; much older it is not`, async (t) => {
    const site = makeSite(t);
    write(site, "a.txt", TEXT, 0);
    const sibling = `a.txt${ENDINGS[coding]}`;
    const coded = ENCODE[coding](TEXT);
    const others = [
      ENCODE[coding](`${TEXT}more`),
      ENCODE[coding](TEXT.slice(1)),
      ENCODE[coding](TEXT.replace("twice", "Twice")),
      coded.subarray(0, -5),
      Buffer.from("no coding of anything"),
    ];
    for (const ageSeconds of [0.001, 1.5, 10]) {
      write(site, sibling, coded, ageSeconds);
      assert.equal(await isUsed(site, "a.txt", coding), true, `${ageSeconds}`);
      for (const [index, other] of others.entries()) {
        write(site, sibling, other, ageSeconds);
        assert.equal(await isUsed(site, "a.txt", coding), false, `${ageSeconds}, ${index}`);
      }
    }
    write(site, sibling, coded, 11);
    assert.equal(await isUsed(site, "a.txt", coding), false);
  });
}

test("the verdict is remembered for the two versions, and no longer", async (t) => {
  const site = makeSite(t);
  write(site, "a.txt", TEXT, 0);
  write(site, "a.txt.gz", gzipSync(TEXT), 1);
  assert.equal(await isUsed(site, "a.txt", "gzip"), true);
  assert.equal(await isUsed(site, "a.txt", "gzip"), true);
  // Of the same length and the same time.
  write(site, "a.txt", TEXT.replace("twice", "Twice"), 0);
  assert.equal(await isUsed(site, "a.txt", "gzip"), false);
});

test("above 4 MiB the times alone decide, and what a small sibling decodes to is bounded", async (t) => {
  const site = makeSite(t);
  const large = Buffer.alloc(COMPARED_BYTES_MAX + 1, "a");
  write(site, "large.txt", large, 0);
  write(site, "large.txt.gz", gzipSync(large), 1);
  assert.equal(await isUsed(site, "large.txt", "gzip"), false);
  write(site, "large.txt.gz", gzipSync(large), 0);
  assert.equal(await isUsed(site, "large.txt", "gzip"), true);
  write(site, "bomb.txt", "", 0);
  write(site, "bomb.txt.gz", gzipSync(Buffer.alloc(64 * 1024 * 1024)), 1);
  assert.equal(await isUsed(site, "bomb.txt", "gzip"), false);
});

test("many at once are compared two at a time; the rest are not sent meanwhile, without a report (20)", async (t) => {
  const site = makeSite(t);
  const names = Array.from({ length: 20 }, (_, index) => `${index}.txt`);
  for (const name of names) {
    write(site, name, TEXT, 0);
    write(site, `${name}.gz`, gzipSync(TEXT), 1);
  }
  const first = await Promise.all(names.map((name) => isUsed(site, name, "gzip")));
  assert.ok(first.includes(true));
  for (const name of names) assert.equal(await isUsed(site, name, "gzip"), true);
  assert.equal(site.ignored.length, 0);
});

test("the first sibling that is older is reported with both times, and no other; an empty one is not", async (t) => {
  const site = makeSite(t);
  for (const name of ["a.txt", "b.txt"]) {
    write(site, name, TEXT, 0);
    write(site, `${name}.br`, "", 60);
  }
  assert.equal(await isUsed(site, "a.txt", "br"), false);
  assert.equal(site.ignored.length, 0);
  appendFileSync(join(site.folder.rootDir, "b.txt.br"), "x");
  write(site, "b.txt.br", "x", 60);
  for (let turn = 0; turn < 3; turn++) assert.equal(await isUsed(site, "b.txt", "br"), false);
  assert.equal(site.ignored.length, 1);
  const told = site.ignored[0];
  assert.deepEqual([told?.siblingPath, told?.filePath], ["/b.txt.br", "/b.txt"]);
  assert.equal((told?.fileMs ?? 0) - (told?.siblingMs ?? 0), 60_000);
});

test("whatever becomes of a sibling, nothing is left open", async (t) => {
  if (!HAS_PROC) return t.skip("needs /proc");
  const site = makeSite(t);
  write(site, "a.txt", TEXT, 0);
  const before = countDescriptors(process.pid);
  for (const [bytes, ageSeconds] of [
    ["", 0],
    ["x", 60],
    ["x", 1],
    [gzipSync(TEXT), 1],
    [gzipSync(TEXT), 0],
  ] as const) {
    write(site, "a.txt.gz", bytes, ageSeconds);
    await isUsed(site, "a.txt", "gzip");
    assert.equal(countDescriptors(process.pid), before);
  }
});

/** A whole second, in milliseconds. */
const S = 1_790_000_000_000;

/** Times of a sibling and of its file, as tools leave them. */
const AGES: readonly (readonly [what: string, siblingMs: number, fileMs: number, age: string])[] = [
  ["the same time", S + 123.456789, S + 123.456789, "current"],
  ["newer", S + 5000.5, S + 123.456, "current"],
  ["brotli -k: the second of the file", S, S + 999.999, "current"],
  ["brotli -k: the whole second before", S - 1000, S + 1, "perhaps older"],
  ["both in whole seconds, one apart", S, S + 1000, "perhaps older"],
  ["both in whole seconds, a minute apart", S, S + 60_000, "older"],
  ["a file in whole seconds, a sibling before", S + 999.5, S + 1000, "perhaps older"],
  ["a file in whole seconds, its sibling of a fine time behind", S + 0.7, S, "current"],
  ["in whole milliseconds", S + 123, S + 123.456789, "current"],
  ["in whole milliseconds, one before", S + 122, S + 123.456789, "perhaps older"],
  ["in hundredths", S + 120, S + 127.5, "current"],
  ["in whole microseconds", S + 123.456, S + 123.456789, "current"],
  ["copied a moment before", S + 123.456, S + 127.456, "perhaps older"],
  ["an odd second that FAT does not keep", S, S + 1999, "perhaps older"],
  ["10 s before", S + 0.25, S + 10_000.25, "perhaps older"],
  ["more than 10 s before", S + 0.25, S + 10_001.25, "older"],
  ["before 1970", -60_000.5, -1000.25, "older"],
  ["of 1970 both", 0, 0, "current"],
];

for (const [what, siblingMs, fileMs, age] of AGES) {
  test(`a sibling is ${age}: ${what}`, () => assert.equal(ageOfSibling(siblingMs, fileMs), age));
}

test("whatever step a tool keeps times in, a copied time is not older (1,000 times and 4 steps)", () => {
  for (let turn = 0; turn < 1000; turn++) {
    // As the system tells it: nanoseconds, rounded to a double of milliseconds.
    const fileMs = (S * 1000 + Math.floor(Math.random() * 1e10)) / 1000 + 0.000_5;
    for (const stepMs of [0.001, 1, 10, 1000]) {
      const siblingMs = Math.floor(fileMs / stepMs) * stepMs;
      assert.equal(ageOfSibling(siblingMs, fileMs), "current", `${siblingMs} ${fileMs}`);
    }
  }
});
