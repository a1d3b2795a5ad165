// Commands that are started in a folder that was deleted since, as in a terminal that was left open: what
// does not need the folder works, and the rest says so.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { realpathSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { cleanEnvironment, READY_LINE, WEIR_BIN } from "../fixtures/weir-process.ts";

const skip = process.platform === "win32" && "a current folder cannot be deleted";

/** The command, started from a folder that it deletes first. */
function startIn(t: TestContext, args: readonly string[]): ChildProcess {
  const script = 'mkdir "$0" && cd "$0" && rmdir "$0" && exec "$@"';
  const folder = join(realpathSync(makeTempFolder(t)), "gone");
  const child = spawn("/bin/sh", ["-c", script, folder, process.execPath, WEIR_BIN, ...args], {
    env: cleanEnvironment(process.env, {}),
    stdio: ["ignore", "pipe", "pipe"],
  });
  t.after(() => child.kill("SIGKILL"));
  return child;
}

async function runIn(t: TestContext, args: readonly string[]) {
  const child = startIn(t, args);
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text;
    });
  }
  const [code] = await once(child, "close");
  return { code: code as number | null, ...texts };
}

test("a folder with an absolute path is served, loaded and got from", { skip }, async (t) => {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "content of a" });
  const child = startIn(t, ["serve", dir, "--port", "0", "--state", "memory", "--log", "off"]);
  let url: string | undefined;
  for await (const text of child.stderr!.setEncoding("utf8")) {
    url = READY_LINE.exec(text)?.groups?.url;
    if (url !== undefined) break;
  }
  assert.equal(await (await fetch(`${url}/a.txt`)).text(), "content of a");
  const load = await runIn(t, ["load", `${url}/a.txt`, "-n", "2", "--threads", "2"]);
  assert.equal(load.code, 0, load.stderr);
  const got = await runIn(t, ["get", `${url}/a.txt`]);
  assert.equal(got.stdout, "content of a");
  child.kill("SIGTERM");
  assert.deepEqual(await once(child, "exit"), [0, null]);
});

test("what needs the folder says in a line that it is gone", { skip }, async (t) => {
  const served = await runIn(t, ["serve", "--port", "0"]);
  assert.match(
    served.stderr,
    /^weir: cannot serve "\.": the current folder has been deleted .*\n$/,
  );
  assert.equal(served.code, 1);
  const saved = await runIn(t, ["load", "http://127.0.0.1:9/", "-n", "1", "--json", "x.json"]);
  assert.match(
    saved.stderr,
    /^weir: cannot write the result to "x\.json": the current folder has been deleted\n$/,
  );
  const hits = await runIn(t, ["hits", "export", "--state", makeTempFolder(t)]);
  assert.match(hits.stderr, /^weir: no hits of ".*gone" are kept in /);
});
