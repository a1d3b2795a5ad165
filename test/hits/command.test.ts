// `weir hits` as people use it: the real command, beside a real server, on the file of a state folder. A
// store and the way there and back are in command.full.test.ts.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkImports, checkRunningServer } from "../contract/hits-import-contract.ts";
import { runWeir } from "../fixtures/run-weir.ts";
import { makeTempFolder } from "../fixtures/temp-folder.ts";

test("an import twice changes nothing; --add comes on top, once [into SQLite]", (t) => {
  const folder = makeTempFolder(t);
  return checkImports(t, ["--state", join(folder, "state"), "--dir", folder]);
});

test("a running server shows what is imported beside it [into its file]", (t) =>
  checkRunningServer(t, (dir, stateDir) => ({
    serving: ["--state", stateDir],
    importing: ["--state", stateDir, "--dir", dir],
  })));

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

test("export reads the state folder in WEIR_STATE, and import leaves it alone", async (t) => {
  const cwd = makeTempFolder(t);
  writeFileSync(join(cwd, "hits.csv"), "path,hits\n/a,3\n");
  const run = async (args: string[], env: NodeJS.ProcessEnv = {}) => {
    const home = { HOME: join(cwd, "home"), XDG_STATE_HOME: "" };
    const end = await runWeir(t, ["hits", ...args], { cwd, env: { ...home, ...env } });
    assert.equal(end.code, 0, end.stderr);
    return end.stdout;
  };
  const ofServer = { WEIR_STATE: "state" };
  await run(["import", "hits.csv", "--state", "state"]);
  assert.match(await run(["export", ".", "--out", "-"], ofServer), /"\/a"[^}]*3/);
  await run(["import", "hits.csv", "--add"], ofServer);
  assert.match(await run(["export", "."], ofServer), /"\/a"[^}]*3/);
  assert.match(await run(["export", "."]), /"\/a"[^}]*3/);
});

test("export says that memory keeps no folder [WEIR_STATE=memory]", async (t) => {
  const cwd = makeTempFolder(t);
  const end = await runWeir(t, ["hits", "export"], { cwd, env: { WEIR_STATE: "memory" } });
  assert.equal(end.code, 2);
  assert.match(
    end.stderr,
    /^weir: cannot export hits: with WEIR_STATE "memory" in the environment/,
  );
});
