// What weir itself reads and writes is never content, by whatever name it is asked for: its config
// file holds the store's password, its logs tell of clients.

import assert from "node:assert/strict";
import { linkSync, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { NO_LIMIT, outcome } from "../fixtures/ask-weir.ts";
import { requestListing } from "../fixtures/one-request.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";

const CONFIG = JSON.stringify({ rate: "off", workers: 1 });

async function statuses(
  weir: Parameters<typeof outcome>[0],
  targets: readonly string[],
): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const target of targets) found[target] = (await outcome(weir, target)).slice(0, 3);
  return found;
}

const all = (targets: readonly string[], status: string) =>
  Object.fromEntries(targets.map((target) => [target, status]));

test("the config file that lies in the served folder is neither sent nor listed, also by links, siblings and copies", async (t) => {
  const dir = makeTempFolder(t);
  writeTree(dir, { "weir.config.json": CONFIG, "a.txt": "a", "sub/": { "b.txt": "b" } });
  writeTree(dir, { "weir.config.json.br": "b", "weir.config.json.bak": CONFIG });
  writeTree(dir, { "sub/weir.config.json": CONFIG });
  symlinkSync("weir.config.json", join(dir, "link.json"));
  linkSync(join(dir, "weir.config.json"), join(dir, "hard.json"));
  for (const symlinks of ["inside", "follow"]) {
    const args = ["--hidden", "--symlinks", symlinks];
    const weir = await startWeir(t, { dir: ".", cwd: dir, args });
    const hidden = [
      "/weir.config.json",
      "/WEIR.config.json",
      "/weir.config%2ejson",
      "/weir.config.json.br",
      "/weir.config.json.bak",
      "/sub/weir.config.json",
      "/sub/../weir.config.json",
      "/link.json",
      "/hard.json",
    ];
    assert.deepEqual(await statuses(weir, hidden), all(hidden, "404"));
    assert.equal(await outcome(weir, "/a.txt"), "200 a");
    const names = (await requestListing(weir.port, "/")).entries.map(({ name }) => name);
    assert.deepEqual(names.sort(), ["a.txt", "sub"]);
  }
});

test("a config file of another name, the token, the log and the state are not served where they lie in the folder", async (t) => {
  const dir = makeTempFolder(t);
  writeTree(dir, { "site.json": CONFIG, "token.txt": "0123456789abcdef", "a.txt": "a" });
  mkdirSync(join(dir, "state"));
  const args = [
    ...NO_LIMIT,
    ...["--config", join(dir, "site.json"), "--admin", "127.0.0.1:0"],
    ...["--admin-token-file", join(dir, "token.txt")],
    ...["--log", "combined", "--log-file", join(dir, "access.log"), "--state", join(dir, "state")],
  ];
  const weir = await startWeir(t, { dir, args });
  assert.equal(await outcome(weir, "/a.txt"), "200 a");
  const stored = readdirSync(join(dir, "state")).map((name) => `/state/${name}`);
  assert.ok(stored.length > 0);
  const hidden = ["/site.json", "/token.txt", "/access.log", "/state/", "/state", ...stored];
  assert.deepEqual(await statuses(weir, hidden), all(hidden, "404"));
  // The log that was rotated away holds the same.
  renameSync(join(dir, "access.log"), join(dir, "access.log.1"));
  writeFileSync(join(dir, "access.log-20260101.gz"), "old");
  const rotated = ["/access.log.1", "/access.log-20260101.gz"];
  assert.deepEqual(await statuses(weir, rotated), all(rotated, "404"));
  const names = (await requestListing(weir.port, "/")).entries.map(({ name }) => name);
  assert.deepEqual(
    names.filter((name) => !name.startsWith("access.log")),
    ["a.txt"],
  );
});

test("a file that only begins like one of them is served", async (t) => {
  const dir = makeTempFolder(t);
  writeTree(dir, { "access.log": "", "access.logic.txt": "logic", "weir.config.js": "x" });
  const args = [...NO_LIMIT, "--log", "combined", "--log-file", join(dir, "access.log")];
  const weir = await startWeir(t, { dir, args });
  assert.equal(await outcome(weir, "/access.logic.txt"), "200 logic");
  assert.equal(await outcome(weir, "/weir.config.js"), "200 x");
});
