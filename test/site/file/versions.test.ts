// Versions of a file that its time and size do not tell apart: each has a tag of its own, so that no
// client keeps an old one, and no download mixes two. Reproducible builds give all files one time,
// and copies keep the times of what they were copied from.

import assert from "node:assert/strict";
import { copyFileSync, linkSync, renameSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ask, field, NO_LIMIT } from "../../fixtures/ask-weir.ts";
import { waitUntil } from "../../fixtures/process-facts.ts";
import { makeTempFolder } from "../../fixtures/temp-folder.ts";
import { startWeir, type WeirProcess } from "../../fixtures/weir-process.ts";

const HOUR_S = 3600;

interface Folder {
  readonly dir: string;
  readonly path: string;
}

/** A way to put the second version in the place of the first, with the same time and size. */
interface Replacement {
  readonly name: string;
  write(path: string, bytes: string): void;
}

function dated(name: string, timeS: () => number): Replacement {
  return {
    name,
    write(path, bytes) {
      writeFileSync(path, bytes);
      utimesSync(path, timeS(), timeS());
    },
  };
}

const laterS = Date.now() / 1000 + HOUR_S;
const lastYearS = Math.floor(Date.now() / 1000) - 300 * 24 * HOUR_S;
const REPLACEMENTS: readonly Replacement[] = [
  dated("a time before 1980", () => 1),
  dated("the epoch itself", () => 0),
  dated("the time of npm's archives", () => 499_162_500),
  dated("a whole second of last year", () => lastYearS),
  dated("a time in the future", () => laterS),
  {
    name: "the exact time of another file, as cp -p and rsync -t give it",
    write(path, bytes) {
      const original = `${path}.time`;
      try {
        statSync(original);
      } catch {
        writeFileSync(original, "time");
      }
      writeFileSync(path, bytes);
      const { atime, mtime } = statSync(original);
      utimesSync(path, atime, mtime);
    },
  },
  {
    name: "another file moved over it, with the same time",
    write(path, bytes) {
      writeFileSync(`${path}.new`, bytes);
      utimesSync(`${path}.new`, 1_700_000_000.25, 1_700_000_000.25);
      renameSync(`${path}.new`, path);
    },
  },
];

function makeFolder(t: Parameters<typeof makeTempFolder>[0]): Folder {
  const dir = makeTempFolder(t);
  return { dir, path: join(dir, "app.js") };
}

async function tagOf(weir: WeirProcess, target = "/app.js"): Promise<string> {
  const tag = field(await ask(weir, target), "etag");
  assert.match(tag ?? "", /^"[^"]+"$/);
  return tag!;
}

for (const replacement of REPLACEMENTS) {
  test(`two versions with one time and size have two tags [${replacement.name}]`, async (t) => {
    const { dir, path } = makeFolder(t);
    replacement.write(path, "v=1;");
    const weir = await startWeir(t, { dir, args: NO_LIMIT });
    const first = await tagOf(weir);
    assert.equal((await ask(weir, "/app.js", { fields: [`If-None-Match: ${first}`] })).status, 304);
    const { mtimeMs } = statSync(path);
    replacement.write(path, "v=2;");
    assert.equal(statSync(path).mtimeMs, mtimeMs);

    const again = await ask(weir, "/app.js", { fields: [`If-None-Match: ${first}`] });
    assert.deepEqual([again.status, again.body.toString()], [200, "v=2;"]);
    const rest = await ask(weir, "/app.js", { fields: ["Range: bytes=2-", `If-Range: ${first}`] });
    assert.deepEqual([rest.status, rest.body.toString()], [200, "v=2;"]);

    await weir.stop();
    const restarted = await startWeir(t, { dir, args: NO_LIMIT });
    const second = await tagOf(restarted);
    assert.notEqual(second, first);
    const old = await ask(restarted, "/app.js", { fields: [`If-None-Match: ${first}`] });
    assert.equal(old.status, 200);
    const fresh = await ask(restarted, "/app.js", { fields: [`If-None-Match: ${second}`] });
    assert.equal(fresh.status, 304);
  });
}

test("equal files with equal times have equal tags in two folders, by two servers", async (t) => {
  const tags: string[][] = [];
  for (const _ of ["here", "there"]) {
    const { dir, path } = makeFolder(t);
    dated("", () => 1).write(path, "v=1;");
    dated("", () => 1_700_000_000).write(join(dir, "b.bin"), "b".repeat(300_000));
    const weir = await startWeir(t, { dir, args: NO_LIMIT });
    tags.push([await tagOf(weir), await tagOf(weir, "/b.bin")]);
  }
  assert.deepEqual(tags[0], tags[1]);
});

test("a time that a tool has set for want of a better one is no date: it is neither sent nor compared", async (t) => {
  const { dir, path } = makeFolder(t);
  dated("", () => 1).write(path, "v=1;");
  const weir = await startWeir(t, { dir, args: NO_LIMIT });
  const response = await ask(weir, "/app.js");
  assert.equal(field(response, "last-modified"), undefined);
  const since = "If-Modified-Since: Thu, 01 Jan 1970 00:00:01 GMT";
  assert.equal((await ask(weir, "/app.js", { fields: [since] })).status, 200);
  const unmodified = "If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT";
  assert.equal((await ask(weir, "/app.js", { fields: [unmodified] })).status, 200);
});

test("a date that two versions may share joins no two parts of a file, and still spares a mirror the copy", async (t) => {
  const { dir, path } = makeFolder(t);
  dated("", () => 1_700_000_000).write(path, "v=1;");
  const weir = await startWeir(t, { dir, args: NO_LIMIT });
  const date = field(await ask(weir, "/app.js"), "last-modified");
  assert.equal(date, "Tue, 14 Nov 2023 22:13:20 GMT");
  const part = await ask(weir, "/app.js", { fields: ["Range: bytes=2-", `If-Range: ${date}`] });
  assert.deepEqual([part.status, part.body.toString()], [200, "v=1;"]);
  const mirrored = await ask(weir, "/app.js", { fields: [`If-Modified-Since: ${date}`] });
  assert.equal(mirrored.status, 304);
});

test("a date that is the kernel's own joins two parts of a file", async (t) => {
  const { dir, path } = makeFolder(t);
  writeFileSync(path, "v=1;");
  const { mtimeMs } = statSync(path);
  // Within the second of its last change a file may change again and keep its date.
  await waitUntil("the date is a second old", () => Date.now() > mtimeMs + 2000);
  const weir = await startWeir(t, { dir, args: NO_LIMIT });
  const date = field(await ask(weir, "/app.js"), "last-modified");
  const part = await ask(weir, "/app.js", { fields: ["Range: bytes=2-", `If-Range: ${date}`] });
  assert.deepEqual([part.status, part.body.toString()], [206, "1;"]);
});

test("a large file of a set time is not read before it is sent, and its versions differ", async (t) => {
  const { dir, path } = makeFolder(t);
  const bytes = 17 * 1024 * 1024;
  const write = (letter: string) => dated("", () => 1).write(path, letter.repeat(bytes));
  write("a");
  const weir = await startWeir(t, { dir, args: NO_LIMIT });
  const head = await ask(weir, "/app.js", { method: "HEAD" });
  const first = field(head, "etag");
  write("b");
  const rest = await ask(weir, "/app.js", {
    fields: [`Range: bytes=${bytes - 1}-`, `If-Range: ${first}`],
  });
  assert.equal(rest.status, 200);
});

test("a copy and a hard link of one version, dated alike, share its tag", async (t) => {
  const { dir, path } = makeFolder(t);
  dated("", () => 1).write(path, "v=1;");
  copyFileSync(path, join(dir, "copy.js"));
  utimesSync(join(dir, "copy.js"), 1, 1);
  linkSync(path, join(dir, "link.js"));
  const weir = await startWeir(t, { dir, args: NO_LIMIT });
  const tags = await Promise.all(["/app.js", "/copy.js", "/link.js"].map((p) => tagOf(weir, p)));
  assert.equal(new Set(tags).size, 1);
});
