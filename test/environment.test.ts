// A server that is configured by its environment alone, as in a container, and what an environment may
// hold that is not meant for it. The real command.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ask, field } from "./fixtures/ask-weir.ts";
import { makeTempFolder, writeTree } from "./fixtures/temp-folder.ts";
import { cleanEnvironment, startWeir, WEIR_BIN } from "./fixtures/weir-process.ts";

const TREE = { "public/a.txt": "a", "public/.hidden": "h", "public/sub/b.html": "<p>b" };

test("variables alone configure a server: switches, lists, rules and durations", async (t) => {
  const folder = makeTempFolder(t);
  writeTree(folder, TREE);
  const env = {
    RATE: "off",
    WEIR_CORS: "on",
    WEIR_HIDDEN: "1",
    WEIR_LISTING: "false",
    WEIR_TYPES: "txt,html",
    WEIR_CACHE_CONTROL: "*.txt=max-age=60",
    WEIR_HEADERS: '[{"path": "*.txt", "set": {"X-From": "environment"}}]',
    WEIR_DRAIN: "1s",
  };
  const weir = await startWeir(t, { dir: join(folder, "public"), env });
  const answer = await ask(weir, "/a.txt");
  assert.equal(field(answer, "access-control-allow-origin"), "*");
  assert.equal(field(answer, "cache-control"), "max-age=60");
  assert.equal(field(answer, "x-from"), "environment");
  assert.equal((await ask(weir, "/sub/")).status, 404);
  assert.match(weir.stderr(), /^weir: serving .* no limit\)\n$/);
});

test("WEIR_CONFIG names the config file, and an error says so", async (t) => {
  const folder = makeTempFolder(t);
  writeTree(folder, TREE);
  writeFileSync(join(folder, "c.json"), '{"rate": "9/m", "dir": "public"}');
  const dir = join(folder, "public");
  const weir = await startWeir(t, { dir, cwd: folder, env: { WEIR_CONFIG: "c.json" } });
  assert.match(weir.stderr(), /9\/m per client/);
  const { exitCode, stderr } = await runWeir(["serve", "public"], folder, { WEIR_CONFIG: "gone" });
  const line =
    'weir: cannot read the config file "gone": there is no such file (from WEIR_CONFIG in the environment)';
  assert.deepEqual([stderr.split("\n")[0], exitCode], [line, 2]);
});

test("what Kubernetes and Docker set for a service called weir does not disturb a start", async (t) => {
  const folder = makeTempFolder(t);
  writeTree(folder, TREE);
  const env = {
    WEIR_SERVICE_HOST: "10.0.0.1",
    WEIR_SERVICE_PORT: "80",
    WEIR_PORT: "tcp://10.0.0.1:80",
    WEIR_PORT_80_TCP: "tcp://10.0.0.1:80",
    WEIR_PORT_80_TCP_PORT: "80",
    WEIR_NEXT_PORT: "tcp://10.0.0.2:80",
    WEIR_STORE_PORT: "tcp://10.0.0.3:6379",
    WEIR_SOMETHING: "of the fleet's own",
  };
  const weir = await startWeir(t, { dir: join(folder, "public"), env });
  assert.match(weir.stderr(), /^weir: serving [^\n]*\n$/);
});

test("a slip in a variable's name gets one line, and the server starts", async (t) => {
  const folder = makeTempFolder(t);
  writeTree(folder, TREE);
  const env = { WEIR_IDEL_TIMEOUT: "60s", WEIR_PORT: "8080" };
  const weir = await startWeir(t, { dir: join(folder, "public"), env });
  const lines = weir.stderr().trimEnd().split("\n");
  assert.deepEqual(lines.slice(0, -1), [
    "weir: WEIR_IDEL_TIMEOUT in the environment has no effect: did you mean WEIR_IDLE_TIMEOUT?",
    "weir: WEIR_PORT in the environment has no effect: the variable of --port is PORT",
  ]);
});

test("a wrong value is refused with the name of its variable", async (t) => {
  const folder = makeTempFolder(t);
  writeTree(folder, TREE);
  const { exitCode, stderr } = await runWeir(["serve", "public"], folder, { WEIR_ZIP: "perhaps" });
  const line =
    'weir: cannot use "perhaps" for WEIR_ZIP in the environment: give on or off, true or false, or 1 or 0';
  assert.deepEqual([stderr.split("\n")[0], exitCode], [line, 2]);
});

interface Outcome {
  readonly exitCode: number;
  readonly stderr: string;
}

/** For runs that end by themselves. */
function runWeir(
  args: readonly string[],
  cwd: string,
  added: Readonly<Record<string, string>>,
): Promise<Outcome> {
  const options = { cwd, env: cleanEnvironment(process.env, added), timeout: 60_000 };
  return new Promise((resolve) => {
    execFile(process.execPath, [WEIR_BIN, ...args], options, (error, _, stderr) => {
      resolve({ exitCode: error ? (error.code as number) : 0, stderr });
    });
  });
}
