// Hits that several servers share, as people see them: real processes on one folder and one store, of
// which either may be killed, emptied or hang.

import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type KeepAliveClient, openClient } from "../fixtures/keep-alive-client.ts";
import { prepareRedis, type RedisServer, startRedis } from "../fixtures/redis-server.ts";
import { runWeir } from "../fixtures/run-weir.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir, type WeirProcess } from "../fixtures/weir-process.ts";
import { readRepositoryFile } from "../rules/source-files.ts";

/** Ends a wait for what never comes. */
const WAIT_MS_MAX = 60_000;

class Member {
  readonly weir: WeirProcess;
  readonly client: KeepAliveClient;

  private constructor(weir: WeirProcess, client: KeepAliveClient) {
    this.weir = weir;
    this.client = client;
  }

  static async start(
    t: TestContext,
    dir: string,
    redis: Pick<RedisServer, "url">,
    stateDir: string,
  ): Promise<Member> {
    const args = ["--workers", "1", "--rate", "off", "--store", redis.url, "--state", stateDir];
    const weir = await startWeir(t, { dir, args });
    return new Member(weir, await openClient(t, { port: weir.port }));
  }

  async get(target: string, times: number): Promise<void> {
    for (let left = times; left > 0; left -= 50) {
      const targets = Array<string>(Math.min(left, 50)).fill(target);
      for (const { status } of await this.client.askAll(targets)) assert.equal(status, 200);
    }
  }

  async hitsOf(name: string): Promise<number | undefined> {
    const { body } = await this.client.ask("/?format=json");
    const { entries } = JSON.parse(body.toString()) as {
      entries: { name: string; hits: number }[];
    };
    return entries.find((entry) => entry.name === name)?.hits;
  }

  get warnings(): string[] {
    const lines = this.weir.stderr().trimEnd().split("\n");
    return lines.filter((line) => !line.startsWith("weir: serving "));
  }
}

function newFolder(t: TestContext): string {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "a", "b,\n%.txt": "b" });
  return dir;
}

async function until(isSo: () => boolean | Promise<boolean>, what: () => string): Promise<void> {
  const deadlineMs = performance.now() + WAIT_MS_MAX;
  while (!(await isSo())) {
    assert.ok(performance.now() < deadlineMs, `it never came to this: ${what()}`);
    await sleep(20);
  }
}

async function allShow(members: readonly Member[], name: string, hits: number): Promise<void> {
  for (const member of members) {
    let shown: number | undefined;
    const isShown = async () => {
      shown = await member.hitsOf(name);
      return shown === hits;
    };
    await until(
      isShown,
      () => `${name} has ${hits} hits (${shown}); ${member.warnings.join("; ")}`,
    );
  }
}

async function storedHits(redis: RedisServer): Promise<number> {
  const reply = await redis.ask("HGET weir:hits:totals /a.txt");
  return Number(/^\$\d+\r\n(\d+)/.exec(reply)?.[1] ?? 0);
}

test("three servers show the sum; one is killed, the store emptied and paused: it stays exact", async (t) => {
  const redis = await startRedis(t);
  if (redis === undefined) return;
  const dir = newFolder(t);
  const stateDirs = [1, 2, 3].map(() => join(makeTempFolder(t), "state"));
  const start = (index: number) => Member.start(t, dir, redis, stateDirs[index]!);
  const members = await Promise.all([0, 1, 2].map(start));
  await Promise.all(members.map((member, index) => member.get("/a.txt", 100 * (index + 1))));
  await members[0]!.get("/b%2C%0A%25.txt", 7);
  await allShow(members, "a.txt", 600);
  await allShow(members, "b,\n%.txt", 7);

  // Everybody shows them, so they are saved; the killed one goes on where it was.
  await members[2]!.weir.kill9();
  await members[0]!.get("/a.txt", 5);
  members[2] = await start(2);
  assert.ok(
    (await members[2].hitsOf("a.txt"))! >= 600,
    "the hits of before are there at the start",
  );
  await members[2].get("/a.txt", 20);
  await allShow(members, "a.txt", 625);

  await redis.kill9();
  await Promise.all(members.map((member) => member.get("/a.txt", 25)));
  for (const member of members)
    await until(
      () => member.warnings.length === 1,
      () => "a warning",
    );
  await redis.start();
  await allShow(members, "a.txt", 700);
  await until(
    async () => (await storedHits(redis)) === 700,
    () => "the store has all again",
  );
  await allShow(members, "b,\n%.txt", 7);

  redis.pause();
  await Promise.all(members.map((member) => member.get("/a.txt", 100)));
  for (const member of members) {
    await until(
      () => member.warnings.length === 3,
      () => "a second warning",
    );
  }
  redis.resume();
  await allShow(members, "a.txt", 1000);

  await Promise.all(members.map((member) => member.get("/a.txt", 1)));
  for (const { weir } of members) assert.deepEqual(await weir.stop(), { code: 0, signal: null });
  assert.equal(await storedHits(redis), 1003);
  for (const stateDir of stateDirs) {
    const files = readdirSync(stateDir).filter((file) => !/-journal$/.test(file));
    assert.equal(files.length, 1, files.join(" "));
    assert.match(files[0] ?? "", /^instance-[0-9a-f]{16}-0\.sqlite$/);
  }
  for (const { warnings } of members) {
    const [gone, back, ...again] = warnings;
    assert.match(gone ?? "", /^weir: the store redis:\/\/127\.0\.0\.1:\d+\/0 is gone \(/);
    assert.match(back ?? "", /is back$/);
    assert.equal(again.length, 2);
  }
});

test("a store that is not there at the start: the server serves, and all is merged when it comes", async (t) => {
  const redis = await prepareRedis(t);
  if (redis === undefined) return;
  const dir = newFolder(t);
  const member = await Member.start(t, dir, redis, "memory");
  await member.get("/a.txt", 30);
  assert.equal(await member.hitsOf("a.txt"), 30);
  assert.equal(member.warnings.length, 1, member.warnings.join("\n"));
  await redis.start();
  await until(
    async () => (await storedHits(redis)) === 30,
    () => "the store has 30",
  );
  const other = await Member.start(t, dir, redis, "memory");
  assert.equal(await other.hitsOf("a.txt"), 30);
});

test("a server that is stopped while the store is gone tells how many hits are lost", async (t) => {
  const redis = await startRedis(t);
  if (redis === undefined) return;
  const member = await Member.start(t, newFolder(t), redis, "memory");
  await member.get("/a.txt", 3);
  await until(
    async () => (await storedHits(redis)) === 3,
    () => "the store has 3",
  );
  await redis.kill9();
  await member.get("/a.txt", 4);
  assert.deepEqual(await member.weir.stop(), { code: 0, signal: null });
  assert.match(
    member.warnings.at(-1) ?? "",
    /^weir: hits that could not be saved in the store .*: 4$/,
  );
});

test("servers of another prefix count apart", async (t) => {
  const redis = await startRedis(t);
  if (redis === undefined) return;
  const dir = newFolder(t);
  const other = await startWeir(t, {
    dir,
    args: ["--rate", "off", "--store", `${redis.url}?prefix=other:`, "--state", "memory"],
  });
  await (await openClient(t, { port: other.port })).ask("/a.txt");
  const asked = () => redis.ask("HGET other:hits:totals /a.txt");
  await until(
    async () => (await asked()).includes("1"),
    () => "the other has one",
  );
  const member = await Member.start(t, dir, redis, "memory");
  assert.equal(await member.hitsOf("a.txt"), 0);
});

test("hits need no more rights than docs/FLEET.md says", async (t) => {
  const [, commands = "", keys = "", more = ""] =
    /needs `([^`]+)` and the keys `(~[^`]+)`; `weir hits` needs `([^`]+)`/.exec(
      readRepositoryFile("docs/FLEET.md"),
    ) ?? [];
  const rights = ["on", ">pw", "resetchannels", "-@all", ...commands.split(" "), more, keys];
  const redis = await startRedis(t, ["--user", "weir", ...rights]);
  if (redis === undefined) return;
  const url = redis.url.replace("//", "//weir:pw@");
  const member = await Member.start(t, newFolder(t), { url }, "memory");
  await member.get("/a.txt", 3);
  await until(
    async () => (await storedHits(redis)) === 3,
    () => `the store has 3; ${member.warnings.join("; ")}`,
  );
  const { stdout } = await runWeir(t, ["hits", "export", "--store", url, "--format", "csv"]);
  assert.match(stdout, /^\/a\.txt,3\r$/m);
  const file = join(makeTempFolder(t), "hits.csv");
  writeFileSync(file, stdout);
  const imported = await runWeir(t, ["hits", "import", file, "--store", url, "--add"]);
  assert.deepEqual([imported.code, imported.stderr], [0, ""]);
  assert.deepEqual(member.warnings, []);
});
