// `--index-names`, from outside: one decision for folders, clean URLs, an app's page, hits and zips; by
// flag, environment and config file; and what is refused.

import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import {
  ask,
  BROWSER,
  hitsIn,
  NO_LIMIT,
  outcome,
  serve,
  serveWithFile,
} from "../fixtures/ask-weir.ts";
import { runWeir } from "../fixtures/run-weir.ts";
import { makeTempFolder, type Tree, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir, type WeirProcess } from "../fixtures/weir-process.ts";

const NAMES = "index.html,index.htm,default.html,Übersicht.html";
const TREE: Tree = {
  both: { "default.html": "default", "index.htm": "htm" },
  first: { "index.html": "html", "index.htm": "htm" },
  odd: { "Übersicht.html": "overview" },
  folder: { "index.html": {}, "default.html": "default" },
  none: { "home.html": "home", "INDEX.HTML": "other case" },
};

const FOLDERS: readonly (readonly [target: string, outcome: RegExp])[] = [
  ["/both/", /^200 htm$/],
  ["/both//", /^200 htm$/],
  ["/both", /^301 \/both\/$/],
  ["/first/", /^200 html$/],
  ["/odd/", /^200 overview$/],
  ["/folder/", /^200 default$/],
  ["/none/", /^200 <!doctype html>/i],
];

const GIVEN: [string, (t: TestContext) => Promise<WeirProcess>][] = [
  ["a flag", (t) => serve(t, TREE, ["--index-names", NAMES])],
  ["a list in the config file", (t) => serveWithFile(t, TREE, { "index-names": NAMES.split(",") })],
  [
    "the environment",
    (t) => {
      const dir = makeTempFolder(t);
      writeTree(dir, TREE);
      return startWeir(t, { dir, args: NO_LIMIT, env: { WEIR_INDEX_NAMES: NAMES } });
    },
  ],
];

const CLEAN: readonly (readonly [target: string, outcome: RegExp])[] = [
  ["/both/index.htm", /^301 \/both\/$/],
  // Not what the folder is answered with: a page like any other.
  ["/both/default.html", /^301 \/both\/default$/],
  ["/both/default", /^200 default$/],
  ["/first/index.htm", /^200 htm$/],
  ["/first/index", /^301 \/first\/$/],
  ["/folder/default.html", /^301 \/folder\/$/],
  ["/folder/default", /^301 \/folder\/$/],
  ["/odd/%C3%9Cbersicht.html", /^301 \/odd\/$/],
  ["/none/home.html", /^301 \/none\/home$/],
];

suite("--index-names", { concurrency: true }, () => {
  for (const [where, start] of GIVEN) {
    test(`a folder is answered with the first that is there [from ${where}]`, async (t) => {
      const weir = await start(t);
      for (const [target, expected] of FOLDERS) {
        assert.match(await outcome(weir, target), expected, target);
        const head = await ask(weir, target, { method: "HEAD" });
        assert.equal(String(head.status), (await outcome(weir, target)).slice(0, 3), target);
      }
    });
  }

  test("without it, it is index.html alone; with --no-index it is a listing", async (t) => {
    const plain = await serve(t, TREE, []);
    assert.match(await outcome(plain, "/both/"), /^200 <!doctype html>/i);
    assert.equal(await outcome(plain, "/first/"), "200 html");
    const bare = await serve(t, TREE, ["--index-names", NAMES, "--no-index"]);
    assert.match(await outcome(bare, "/first/"), /^200 <!doctype html>/i);
  });

  test("a page is counted under its own name, and its folder's line sums them up", async (t) => {
    const weir = await serve(t, TREE, ["--index-names", NAMES]);
    for (const target of ["/both/", "/both/", "/both/default.html", "/odd/"])
      await ask(weir, target);
    const { both, odd, first } = await hitsIn(weir, "/");
    assert.deepEqual([both, odd, first], [3, 1, 0]);
  });

  test("--clean-urls leads to the folder from the name that it is answered with, and from no other", async (t) => {
    const weir = await serve(t, TREE, ["--index-names", NAMES, "--clean-urls"]);
    for (const [target, expected] of CLEAN) {
      assert.match(await outcome(weir, target), expected, target);
    }
  });

  test("the page of an app is the root's, by the same names; --types and hidden names hold", async (t) => {
    const tree = { "default.html": "app", "index.htm": "not of a served type" };
    const weir = await serve(t, tree, ["--index-names", NAMES, "--spa", "--types", "html"]);
    assert.equal(await outcome(weir, "/users/7", { accept: BROWSER }), "200 app");
    assert.equal(await outcome(weir, "/"), "200 app");
  });

  for (const names of [
    "",
    "a/b.html",
    "..",
    ".index.html",
    "index.html,,a.htm",
    "a\\b",
    `${"a,".repeat(20)}b`,
  ]) {
    test(`names that no index page can have are refused in one line [${names.slice(0, 20)}]`, async (t) => {
      const { code, stderr } = await runWeir(t, ["serve", ".", `--index-names=${names}`]);
      assert.equal(code, 2);
      assert.match(
        stderr,
        /^weir: .*--index-names: give names of files, at most 16, such as index/,
      );
    });
  }
});
