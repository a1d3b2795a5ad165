// `weir hits` as people use it: the real command, beside real servers and a real store, for files of names
// that break careless formats.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openClient } from "./fixtures/keep-alive-client.ts";
import { startRedis } from "./fixtures/redis-server.ts";
import { runWeir } from "./fixtures/run-weir.ts";
import { makeTempFolder } from "./fixtures/temp-folder.ts";
import { startWeir } from "./fixtures/weir-process.ts";

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

async function run(t: TestContext, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runWeir(t, ["hits", ...args]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  return stdout;
}

test("SQLite to JSON to a store to CSV to SQLite: every name keeps its hits", async (t) => {
  const redis = await startRedis(t);
  if (redis === undefined) return;
  const { dir, stateDir } = await countedSite(t);
  const out = makeTempFolder(t);
  const [json, csv, again] = ["hits.json", "hits.csv", "again.json"].map((name) => join(out, name));
  await run(t, "export", dir, "--state", stateDir, "--out", json!);
  assert.deepEqual(hitsInDocument(json!), HITS_BY_NAME);
  const sum = Object.values(HITS_BY_NAME).reduce((all, hits) => all + hits, 0);
  const told = await run(t, "import", json!, "--store", redis.url);
  assert.match(told, new RegExp(`10 files; ${sum} hits came to those of redis://`));
  await run(t, "export", "--store", redis.url, "--out", csv!);
  assert.deepEqual(hitsInDocument(csv!), HITS_BY_NAME);
  const newState = join(makeTempFolder(t), "state");
  await run(t, "import", csv!, "--state", newState, "--dir", dir);
  await run(t, "export", dir, "--state", newState, "--out", again!);
  assert.deepEqual(hitsInDocument(again!), HITS_BY_NAME);
});

test("an import twice changes nothing; --add comes on top, once [into SQLite and into a store]", async (t) => {
  const redis = await startRedis(t);
  if (redis === undefined) return;
  const folder = makeTempFolder(t);
  const file = join(folder, "hits.csv");
  const placeArgs = [
    ["--store", redis.url],
    ["--state", join(folder, "state"), "--dir", folder],
  ];
  for (const place of placeArgs) {
    const steps: [content: string, args: string[], a: number, added: number][] = [
      ["path,hits\n/a,5\n/b,1\n", [], 5, 6],
      ["path,hits\n/a,5\n/b,1\n", [], 5, 0],
      ["path,hits\n/a,3\n", [], 5, 0],
      ['"path","hits"\r\n"/a","7"\r\n', [], 7, 2],
      ["path,hits\n/a,10\n", ["--add"], 17, 10],
      ["path,hits\n/a,10\n", ["--add"], 17, 0],
      ["path,hits\n/a,11\n", ["--add"], 28, 11],
      ["path,hits\n/a,11\n", [], 28, 0],
    ];
    for (const [content, args, a, added] of steps) {
      writeFileSync(file, content);
      const told = await run(t, "import", file, ...place, ...args);
      assert.match(told, new RegExp(`; ${added} hits came to`), `${content} ${place}`);
      const csv = await run(t, "export", "--format", "csv", ...place);
      assert.equal(csv, `path,hits\r\n/a,${a}\r\n/b,1\r\n`);
    }
  }
});

test("a running server shows what is imported beside it [into its file, into its store]", async (t) => {
  const redis = await startRedis(t);
  if (redis === undefined) return;
  const folder = makeTempFolder(t);
  const dir = join(folder, "public");
  mkdirSync(dir);
  writeFileSync(join(dir, "a"), "a");
  const file = join(folder, "hits.csv");
  writeFileSync(file, "path,hits\n/a,41\n");
  const stateDir = join(folder, "state");
  const places: [serve: string[], importing: string[]][] = [
    [
      ["--state", stateDir],
      ["--state", stateDir, "--dir", dir],
    ],
    [
      ["--store", redis.url, "--state", stateDir],
      ["--store", redis.url],
    ],
  ];
  for (const [serve, importing] of places) {
    const { port } = await startWeir(t, { dir, args: ["--rate", "off", ...serve] });
    const client = await openClient(t, { port });
    await client.ask("/a");
    await run(t, "import", file, "--add", ...importing);
    const deadlineMs = performance.now() + 20_000;
    for (;;) {
      const { body } = await client.ask("/?format=json");
      if (JSON.parse(body.toString()).entries[0].hits === 42) break;
      assert.ok(performance.now() < deadlineMs, body.toString());
      await sleep(20);
    }
  }
});

const MISTAKES: readonly [args: string[], code: number, message: RegExp][] = [
  [[], 2, /^weir: nothing to do with hits: give export \[DIR\], or import FILE\n/],
  [["exprot"], 2, /^weir: cannot do "exprot" with hits: give export \[DIR\], or import FILE\n/],
  [["export", "a", "b"], 2, /^weir: cannot export "b" too: give one folder\n/],
  [
    ["export", ".", "--store", "redis://x"],
    2,
    /^weir: cannot use "\." with --store: a store has no/,
  ],
  [["export", "--state", "x", "--store", "redis://x"], 2, /^weir: cannot use --store and --state/],
  [["export", "--store", "redis://127.0.0.1:1"], 1, /^weir: cannot reach the store .*refused\n$/],
  [
    ["export", ".", "--state", "none"],
    1,
    /^weir: cannot read the state folder ".*none": there is no such file or folder; see --state\n$/,
  ],
  [
    ["export", ".", "--state", "bad.csv"],
    1,
    /^weir: cannot read the state folder ".*bad\.csv": it is a file; see --state\n$/,
  ],
  [["export", ".", "--state", "."], 1, /^weir: no hits of ".*" are kept in ".*hits\.sqlite"\n$/],
  [["export", "--format", "xml"], 2, /^weir: cannot use "xml" for --format: /],
  [["import"], 2, /^weir: no hits to import: give a file that weir hits export has written\n/],
  [
    ["import", "none.json"],
    1,
    /^weir: cannot read "none\.json": there is no such file or folder\n$/,
  ],
  [["import", "bad.csv"], 1, /^weir: cannot import "bad\.csv": line 2: hits are a whole number\n$/],
  [
    ["import", "good.csv", "--state", "bad.csv"],
    1,
    /^weir: cannot make the folder ".*": something of that name is already there\n$/,
  ],
];

for (const [args, code, message] of MISTAKES) {
  test(`a mistake is told in one line [weir hits ${args.join(" ")}]`, async (t) => {
    const cwd = makeTempFolder(t);
    writeFileSync(join(cwd, "bad.csv"), "path,hits\n/a,many\n");
    writeFileSync(join(cwd, "good.csv"), "path,hits\n/a,1\n");
    const end = await runWeir(t, ["hits", ...args], { cwd });
    assert.equal(end.code, code, end.stderr);
    assert.match(end.stderr, message);
    assert.equal(end.stdout, "");
  });
}
