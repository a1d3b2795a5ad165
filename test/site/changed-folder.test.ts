// A folder that has changed between two requests, through the real command: the next answer shows it. What
// changes while it is sent is in changing-folder.full.test.ts.

import assert from "node:assert/strict";
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ASKED_OFTEN } from "../../src/site/file/response-cache.ts";
import { openClient } from "../fixtures/keep-alive-client.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";

const ARGS = ["--rate", "off", "--workers", "2"];

test("what is removed, made and replaced is seen by the next request", async (t) => {
  const dir = makeTempFolder(t);
  const weir = await startWeir(t, { dir, args: ARGS });
  const client = await openClient(t, weir);
  const look = async () => {
    const { status, body } = await client.ask("/a.txt");
    return status === 200 ? body.toString() : status;
  };
  // Each turn finds the file three times; asked for more often, it may be a second late.
  const turns = Math.floor(ASKED_OFTEN / 3);
  for (let turn = 0; turn < turns; turn++) {
    assert.equal(await look(), 404);
    writeTree(dir, { "a.txt": "one" });
    assert.equal(await look(), "one");
    // Of the same length.
    writeTree(dir, { "b.txt": "two" });
    renameSync(join(dir, "b.txt"), join(dir, "a.txt"));
    assert.equal(await look(), "two");
    writeTree(dir, { "a.txt": "six" });
    assert.equal(await look(), "six");
    rmSync(join(dir, "a.txt"));
  }
});

test("the served folder itself can be removed and made again", async (t) => {
  const dir = join(makeTempFolder(t), "site");
  writeTree(dir, { "a.txt": "before" });
  const weir = await startWeir(t, { dir, args: ARGS });
  const client = await openClient(t, weir);
  for (let turn = 0; turn < 5; turn++) {
    assert.equal((await client.ask("/a.txt")).status, 200);
    rmSync(dir, { recursive: true });
    for (const target of ["/a.txt", "/", "/folder/"]) {
      assert.equal((await client.ask(target)).status, 404, target);
    }
    mkdirSync(dir);
    assert.equal((await client.ask("/a.txt")).status, 404);
    assert.equal((await client.ask("/")).status, 200);
    writeTree(dir, { "a.txt": `after ${turn}` });
    assert.equal((await client.ask("/a.txt")).body.toString(), `after ${turn}`);
  }
  assert.equal(weir.stderr().trim().split("\n").length, 1, weir.stderr());
});
