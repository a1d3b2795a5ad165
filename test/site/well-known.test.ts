// `/.well-known/`, from outside: always served, whatever is told about hidden names, and named nowhere
// unless they are.

import assert from "node:assert/strict";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ask, BROWSER, hitsIn, outcome, serve } from "../fixtures/ask-weir.ts";
import { makeTempFolder, type Tree } from "../fixtures/temp-folder.ts";

const TREE: Tree = {
  "index.html": "app",
  "a.txt": "a",
  ".env": "secret",
  ".well-known": {
    "security.txt": "contact",
    ".secret": "secret",
    "acme-challenge": { "x_Y-1": "proof", ".token": "secret" },
    app: { "index.html": "page" },
  },
  sub: { ".well-known": { "security.txt": "not here" } },
};

const SERVED: readonly (readonly [target: string, outcome: RegExp])[] = [
  ["/.well-known/security.txt", /^200 contact$/],
  ["/%2Ewell-known/security.txt", /^200 contact$/],
  ["//.well-known//security.txt", /^200 contact$/],
  ["/.well-known/acme-challenge/x_Y-1", /^200 proof$/],
  ["/.well-known/app", /^301 \/\.well-known\/app\/$/],
  ["/.well-known/app/", /^200 page$/],
  ["/.well-known/nothing", /^404 /],
];

/** What only --hidden shows. */
const HIDDEN = [
  "/.env",
  "/.well-known/.secret",
  "/.well-known/acme-challenge/.token",
  "/sub/.well-known/security.txt",
];

test("/.well-known/ of the root is served, with --hidden and without; other dots as it says", async (t) => {
  for (const args of [[], ["--hidden"]]) {
    const weir = await serve(t, TREE, ["--no-index", "--zip", ...args]);
    const isHiddenServed = args.length > 0;
    for (const [target, expected] of SERVED.slice(0, -2)) {
      assert.match(await outcome(weir, target), expected, target);
    }
    for (const target of HIDDEN) {
      assert.equal((await ask(weir, target)).status, isHiddenServed ? 200 : 404, target);
    }
    // A listing and a zip name it only where they name what is hidden.
    assert.equal(".well-known" in (await hitsIn(weir, "/")), isHiddenServed);
    const zip = (await ask(weir, "/?download=zip")).body.toString("latin1");
    assert.equal(zip.includes("security.txt"), isHiddenServed);
    assert.equal("security.txt" in (await hitsIn(weir, "/.well-known/")), true);
    assert.equal(".secret" in (await hitsIn(weir, "/.well-known/")), isHiddenServed);
  }
});

test("what is absent in /.well-known/ is 404 also where an app answers for all else, as clients test", async (t) => {
  const weir = await serve(t, TREE, ["--spa", "--clean-urls"]);
  for (const [target, expected] of SERVED) {
    assert.match(await outcome(weir, target, { accept: BROWSER }), expected, target);
  }
});

test("the other rules hold there: links out of the folder, --types", async (t) => {
  const outside = join(makeTempFolder(t), "secret.txt");
  writeFileSync(outside, "secret");
  const weir = await serve(t, TREE, ["--types", "txt"]);
  symlinkSync(outside, join(weir.dir, ".well-known", "out.txt"));
  assert.match(await outcome(weir, "/.well-known/out.txt"), /^404 /);
  assert.match(await outcome(weir, "/.well-known/acme-challenge/x_Y-1"), /^404 /);
  assert.equal(await outcome(weir, "/.well-known/security.txt"), "200 contact");
});
