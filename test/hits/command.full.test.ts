// `weir hits` with a real store: hits go from a server's file into a store and back, for files of names that
// break careless formats, and an import into a store is like one into a file.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { checkImports, checkRunningServer, runHits } from "../contract/hits-import-contract.ts";
import { openClient } from "../fixtures/keep-alive-client.ts";
import { startRedis } from "../fixtures/redis-server.ts";
import { makeTempFolder } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";

/** Names by bytes (Latin-1), with how often each is asked for. */
const HITS_BY_NAME: Readonly<Record<string, number>> = {
  "plain.txt": 1,
  "a,b.txt": 2,
  'say "hi".txt': 3,
  "two\nlines.txt": 4,
  "carriage\rreturn.txt": 5,
  "caf\xc3\xa9.txt": 6,
  "not-utf8-\xff\xfe.txt": 7,
  "100%25.txt": 8,
  "=1+1.txt": 9,
  " space and ;semicolon;.txt": 10,
};

function encodeName(name: string): string {
  return [...Buffer.from(name, "latin1")]
    .map((byte) => `%${byte.toString(16).padStart(2, "0").toUpperCase()}`)
    .join("");
}

/** A folder of these names, whose hits a real server has counted into a state folder. */
async function countedSite(t: TestContext) {
  const dir = makeTempFolder(t);
  const stateDir = join(makeTempFolder(t), "state");
  for (const name of Object.keys(HITS_BY_NAME)) {
    writeFileSync(Buffer.from(join(dir, name), "latin1"), "x");
  }
  const weir = await startWeir(t, { dir, args: ["--rate", "off", "--state", stateDir] });
  const client = await openClient(t, { port: weir.port });
  for (const [name, hits] of Object.entries(HITS_BY_NAME)) {
    for (let hit = 0; hit < hits; hit++) {
      assert.equal((await client.ask(`/${encodeName(name)}`)).status, 200);
    }
  }
  await weir.stop();
  return { dir, stateDir };
}

/** What a document says, by name. */
function hitsInDocument(file: string): Record<string, number> {
  const text = readFileSync(file, "utf8");
  const rows: [string, number][] = file.endsWith(".json")
    ? (JSON.parse(text) as { hits: { path: string; hits: number }[] }).hits.map(
        ({ path, hits }) => [path, hits],
      )
    : text
        .trimEnd()
        .split("\r\n")
        .slice(1)
        .map((line) => [line.split(",")[0]!, Number(line.split(",")[1])]);
  const decode = (path: string) =>
    path.slice(1).replace(/%(..)/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Object.fromEntries(rows.map(([path, hits]) => [decode(path), hits]));
}

test("SQLite to JSON to a store to CSV to SQLite: every name keeps its hits", async (t) => {
  const redis = await startRedis(t);
  if (redis === undefined) return;
  const { dir, stateDir } = await countedSite(t);
  const out = makeTempFolder(t);
  const [json, csv, again] = ["hits.json", "hits.csv", "again.json"].map((name) => join(out, name));
  await runHits(t, "export", dir, "--state", stateDir, "--out", json!);
  assert.deepEqual(hitsInDocument(json!), HITS_BY_NAME);
  const sum = Object.values(HITS_BY_NAME).reduce((all, hits) => all + hits, 0);
  const told = await runHits(t, "import", json!, "--store", redis.url);
  assert.match(told, new RegExp(`10 files; ${sum} hits came to those of redis://`));
  await runHits(t, "export", "--store", redis.url, "--out", csv!);
  assert.deepEqual(hitsInDocument(csv!), HITS_BY_NAME);
  const newState = join(makeTempFolder(t), "state");
  await runHits(t, "import", csv!, "--state", newState, "--dir", dir);
  await runHits(t, "export", dir, "--state", newState, "--out", again!);
  assert.deepEqual(hitsInDocument(again!), HITS_BY_NAME);
});

test("an import twice changes nothing; --add comes on top, once [into a store]", async (t) => {
  const redis = await startRedis(t);
  if (redis === undefined) return;
  await checkImports(t, ["--store", redis.url]);
});

test("a running server shows what is imported beside it [into its store]", async (t) => {
  const redis = await startRedis(t);
  if (redis === undefined) return;
  await checkRunningServer(t, (_dir, stateDir) => ({
    serving: ["--store", redis.url, "--state", stateDir],
    importing: ["--store", redis.url],
  }));
});
