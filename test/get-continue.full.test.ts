// `weir get` with servers that break off, refuse for now, change their files and lie about ranges: what
// is saved in the end is one version of the file, byte for byte.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { makeContent, startFragileSite } from "./fixtures/fragile-site.ts";
import { runWeir } from "./fixtures/run-weir.ts";
import { mountSmallDisk } from "./fixtures/small-disk.ts";
import { makeTempFolder } from "./fixtures/temp-folder.ts";
import { cleanEnvironment, startWeir, WEIR_BIN } from "./fixtures/weir-process.ts";

/** Starts `weir get`, waits until a part of the file is on disk, and ends it by `signal`. */
async function interrupt(
  t: TestContext,
  url: string,
  folder: string,
  signal: NodeJS.Signals,
): Promise<{ readonly code: number | null; readonly stderr: string }> {
  const child = spawn(process.execPath, [WEIR_BIN, "get", url, folder], {
    env: cleanEnvironment(process.env, {}),
    stdio: ["ignore", "ignore", "pipe"],
  });
  t.after(() => child.kill("SIGKILL"));
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const path = join(folder, "a.bin.part");
  while (!existsSync(path) || readFileSync(path).length === 0) await wait(10);
  child.kill(signal);
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stderr };
}

test("a connection that breaks twice is continued both times, with Range and If-Range", async (t) => {
  const folder = makeTempFolder(t);
  const site = await startFragileSite(t, { breaks: [100_000, 100_000] });
  const run = await runWeir(t, ["get", site.url, folder]);
  assert.match(
    run.stderr,
    /^the connection was closed .*: continuing at 97\.7 KiB of 293\.0 KiB \(1 of 5\)\n/,
  );
  assert.match(run.stderr, /\nsaved .*a\.bin \(300000 bytes\)\n$/);
  assert.equal(run.code, 0);
  assert.deepEqual(readdirSync(folder), ["a.bin"]);
  assert.ok(readFileSync(join(folder, "a.bin")).equals(site.content));
  assert.deepEqual(
    site.requests.map((fields) => [fields.range, fields["if-range"]]),
    [
      [undefined, undefined],
      ["bytes=100000-", '"v1"'],
      ["bytes=200000-", '"v1"'],
    ],
  );
});

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGKILL", null],
] as const) {
  test(`after ${signal} -C continues where it was`, async (t) => {
    const folder = makeTempFolder(t);
    const site = await startFragileSite(t, { stallsAt: 120_000 });
    const stopped = await interrupt(t, site.url, folder, signal);
    assert.equal(stopped.code, code);
    if (code !== null) assert.match(stopped.stderr, /KiB are in ".*a\.bin\.part", weir get -C/);
    assert.deepEqual(readdirSync(folder).sort(), ["a.bin.part", "a.bin.part.json"]);
    const heldBytes = readFileSync(join(folder, "a.bin.part")).length;
    site.stallsAt = undefined;
    const run = await runWeir(t, ["get", "-C", site.url, folder]);
    assert.match(run.stderr, /^continuing at .*\nsaved .*a\.bin \(300000 bytes\)\n$/);
    assert.equal(run.code, 0);
    assert.equal(site.requests[1]?.range, `bytes=${heldBytes}-`);
    assert.deepEqual(readdirSync(folder), ["a.bin"]);
    assert.ok(readFileSync(join(folder, "a.bin")).equals(site.content));
  });
}

test("a file that has changed since begins again, says so, and is never mixed", async (t) => {
  const folder = makeTempFolder(t);
  const site = await startFragileSite(t, { stallsAt: 120_000 });
  await interrupt(t, site.url, folder, "SIGINT");
  Object.assign(site, { stallsAt: undefined, content: makeContent(2), etag: '"v2"' });
  const run = await runWeir(t, ["get", "--continue", site.url, folder]);
  assert.match(run.stderr, /^the file has changed on the server: starting over\nsaved /);
  assert.deepEqual(readdirSync(folder), ["a.bin"]);
  assert.ok(readFileSync(join(folder, "a.bin")).equals(site.content));
});

test("a file that changes between two pieces of one download is never mixed", async (t) => {
  const folder = makeTempFolder(t);
  const site = await startFragileSite(t, { breaks: [100_000] });
  const second = makeContent(2);
  site.breaks.shift = function shift(this: number[]) {
    const [first] = this.splice(0, 1);
    if (first === undefined) return undefined;
    // From the next request on.
    setImmediate(() => Object.assign(site, { content: second, etag: '"v2"' }));
    return first;
  };
  const run = await runWeir(t, ["get", site.url, folder]);
  assert.match(run.stderr, /the file has changed on the server: starting over\nsaved /);
  assert.ok(readFileSync(join(folder, "a.bin")).equals(second));
});

test("a server that ignores ranges begins again and says so", async (t) => {
  const folder = makeTempFolder(t);
  const site = await startFragileSite(t, { breaks: [100_000], ranges: "ignored" });
  const run = await runWeir(t, ["get", site.url, folder]);
  assert.match(run.stderr, /the server does not continue downloads: starting over\nsaved /);
  assert.deepEqual([run.code, readdirSync(folder)], [0, ["a.bin"]]);
  assert.ok(readFileSync(join(folder, "a.bin")).equals(site.content));
});

test("a server that breaks off every time is left after --retries", async (t) => {
  const folder = makeTempFolder(t);
  const site = await startFragileSite(t, { breaks: [50, 50, 50, 50, 50], ranges: "ignored" });
  const run = await runWeir(t, ["get", site.url, folder, "--retries", "2"]);
  assert.match(run.stderr, /\nweir: cannot get ".*": the connection was closed [^\n]*\n$/);
  assert.deepEqual([run.code, site.requests.length], [1, 3]);
  assert.equal(existsSync(join(folder, "a.bin")), false);
});

for (const [name, fields] of [
  ["starts elsewhere", { "content-range": "bytes 5-9/300000", etag: '"v1"' }],
  ["is of another version", { "content-range": "bytes 120000-120004/300000", etag: '"v2"' }],
  ["is of another length", { "content-range": "bytes 120000-120004/300001", etag: '"v1"' }],
  ["holds several ranges", { "content-type": "multipart/byteranges; boundary=x" }],
  ["does not say what it is", {}],
] as const) {
  test(`a 206 that ${name} is not taken for the rest`, async (t) => {
    const folder = makeTempFolder(t);
    const site = await startFragileSite(t, { breaks: [120_000] });
    const { refusals } = site;
    refusals.shift = function shift(this: typeof refusals) {
      // The second answer is the wrong one.
      return site.requests.length === 2 ? { status: 206, fields: { ...fields } } : undefined;
    };
    const run = await runWeir(t, ["get", site.url, folder]);
    assert.match(run.stderr, /: starting over\nsaved /);
    assert.equal(site.requests[2]?.range, undefined);
    assert.ok(readFileSync(join(folder, "a.bin")).equals(site.content));
  });
}

test("what is complete is not loaded again [a file of the name, a whole part]", async (t) => {
  const folder = makeTempFolder(t);
  const site = await startFragileSite(t);
  writeFileSync(join(folder, "a.bin"), site.content);
  const run = await runWeir(t, ["get", "-C", site.url, folder]);
  assert.match(run.stderr, /a\.bin is already complete \(300000 bytes\)\n$/);
  assert.deepEqual([run.code, site.requests[0]?.range], [0, "bytes=300000-"]);

  const other = makeTempFolder(t);
  site.stallsAt = 120_000;
  await interrupt(t, site.url, other, "SIGKILL");
  writeFileSync(join(other, "a.bin.part"), site.content);
  site.stallsAt = undefined;
  const finished = await runWeir(t, ["get", "-C", site.url, other]);
  assert.match(finished.stderr, /^saved .*a\.bin \(300000 bytes\)\n$/);
  assert.deepEqual(readdirSync(other), ["a.bin"]);
  assert.ok(readFileSync(join(other, "a.bin")).equals(site.content));
});

test("a file of the name that nothing is known of is not continued but replaced when it is whole", async (t) => {
  const folder = makeTempFolder(t);
  const site = await startFragileSite(t);
  writeFileSync(join(folder, "a.bin"), "of something else");
  const run = await runWeir(t, ["get", "-C", site.url, folder]);
  assert.match(run.stderr, /^nothing shows that .*: starting over\nsaved /);
  assert.ok(readFileSync(join(folder, "a.bin")).equals(site.content));
});

test("files of others that are called like a part stay [no note, another's note]", async (t) => {
  for (const note of [undefined, "{}", '{"schema":"weir-get/1","pid":-5}']) {
    const folder = makeTempFolder(t);
    const site = await startFragileSite(t);
    writeFileSync(join(folder, "a.bin.part"), "mine");
    if (note !== undefined) writeFileSync(join(folder, "a.bin.part.json"), note);
    const run = await runWeir(t, ["get", "-C", site.url, folder]);
    assert.equal(run.code, 0, run.stderr);
    assert.equal(readFileSync(join(folder, "a.bin.part"), "utf8"), "mine");
    assert.ok(readFileSync(join(folder, "a.bin")).equals(site.content));
  }
});

test("a part that another process is writing is left to it", async (t) => {
  const folder = makeTempFolder(t);
  const site = await startFragileSite(t);
  writeFileSync(join(folder, "a.bin.part"), "12345");
  const facts = { schema: "weir-get/1", url: site.url, validator: '"v1"', pid: process.pid };
  writeFileSync(join(folder, "a.bin.part.json"), JSON.stringify(facts));
  const run = await runWeir(t, ["get", "-C", site.url, folder]);
  assert.match(
    run.stderr,
    /^weir: cannot continue ".*a\.bin\.part": process \d+ is downloading it;/,
  );
  assert.equal(run.code, 1);
  assert.equal((await runWeir(t, ["get", site.url, folder])).code, 0);
  assert.equal(readFileSync(join(folder, "a.bin.part"), "utf8"), "12345");
  assert.ok(readFileSync(join(folder, "a.bin")).equals(site.content));
});

for (const etag of ['W/"v1"', undefined]) {
  test(`what no validator tells apart is not kept [ETag: ${etag}]`, async (t) => {
    const folder = makeTempFolder(t);
    const site = await startFragileSite(t, { etag, breaks: [100_000] });
    const run = await runWeir(t, ["get", site.url, folder]);
    assert.match(run.stderr, /^weir: cannot get ".*": the connection was closed [^\n]*\n$/);
    assert.deepEqual([run.code, readdirSync(folder)], [1, []]);
  });
}

test("a text that breaks off goes on to stdout where it was, and a changed one is an error", async (t) => {
  const content = Buffer.from("0123456789abcdef".repeat(20_000));
  const site = await startFragileSite(t, { type: "text/plain", content, breaks: [100_001] });
  const run = await runWeir(t, ["get", site.url]);
  assert.ok(run.stdout === content.toString(), `${run.stdout.length} characters`);
  assert.equal(run.code, 0);

  Object.assign(site, { breaks: [100_001], ranges: "ignored" });
  const broken = await runWeir(t, ["get", site.url]);
  assert.equal(broken.stdout, content.toString("utf8", 0, 100_001));
  assert.match(broken.stderr, /\nweir: cannot get ".*": .*a part is already printed\n$/);
  assert.equal(broken.code, 1);
});

test("weir's own server: stopped by Ctrl-C, continued, equal", async (t) => {
  const dir = makeTempFolder(t);
  const folder = makeTempFolder(t);
  // More than what lies in the sockets between the two.
  const content = Buffer.concat(Array.from({ length: 200 }, (_, index) => makeContent(index)));
  writeFileSync(join(dir, "a.bin"), content);
  const weir = await startWeir(t, { dir });
  const stopped = await interrupt(t, `${weir.url}/a.bin`, folder, "SIGINT");
  if (stopped.code === 0) return t.skip("it was whole before it could be stopped");
  const run = await runWeir(t, ["get", "-C", `${weir.url}/a.bin`, folder]);
  assert.match(run.stderr, /^continuing at /);
  assert.deepEqual(readdirSync(folder), ["a.bin"]);
  assert.ok(readFileSync(join(folder, "a.bin")).equals(content));
});

test("a full disk is told in one line, keeps the part, and -C goes on when there is room", async (t) => {
  const disk = mountSmallDisk(t, 1024);
  if (disk === undefined) return;
  const site = await startFragileSite(t, {
    content: Buffer.concat([makeContent(1), makeContent(2)]),
  });
  const filler = join(disk.folder, "other");
  writeFileSync(filler, Buffer.alloc(800_000));
  const run = await runWeir(t, ["get", site.url, disk.folder]);
  assert.match(
    run.stderr,
    /^weir: cannot save ".*a\.bin": the disk is full; .* are in ".*\.part", weir get -C continues\n$/,
  );
  assert.equal(run.code, 1);
  rmSync(filler);
  const again = await runWeir(t, ["get", "-C", site.url, disk.folder]);
  assert.equal(again.code, 0, again.stderr);
  assert.deepEqual(readdirSync(disk.folder), ["a.bin"]);
  assert.ok(readFileSync(join(disk.folder, "a.bin")).equals(site.content));
});
