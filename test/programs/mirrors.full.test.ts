// Listings as programs read them that copy a whole folder: each file is fetched once, all of them are,
// and nothing that is for people.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { parseJsonLog } from "../fixtures/log-lines.ts";
import { requireProgram } from "../fixtures/system-program.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";

const run = promisify(execFile);
/** Only ends a mirror that hangs. */
const RUN_MS_MAX = 120_000;
/** More than a browser is shown at once. */
const MANY = 1200;

const TREE = {
  "docs/": {
    "a.txt": "a",
    "b one.png": "b",
    "ü.jpg": "u",
    "sub/": { "c.txt": "c", "deep/": { "d.txt": "d" } },
  },
  "many/": Object.fromEntries(Array.from({ length: MANY }, (_, index) => [`f${index}.png`, "x"])),
};

interface Mirror {
  readonly program: string;
  readonly debianPackage: string;
  /** The program's arguments that copy what lies below `url` into the current folder. */
  readonly args: (url: string) => readonly string[];
  /** It keeps to a few files a second: it is shown the small folder only. */
  readonly isSlow?: boolean;
}

const MIRRORS: readonly Mirror[] = [
  { program: "wget", debianPackage: "wget", args: (url) => ["-q", "-r", "-np", url] },
  {
    program: "wget",
    debianPackage: "wget",
    args: (url) => ["-q", "-r", "-np", "-p", "-k", "-E", url],
  },
  { program: "wget2", debianPackage: "wget2", args: (url) => ["-q", "-r", "-np", url] },
  { program: "lftp", debianPackage: "lftp", args: (url) => ["-c", `mirror ${url} .`] },
  {
    program: "httrack",
    debianPackage: "httrack",
    args: (url) => ["-q", "-%v0", url, "-O", "."],
    isSlow: true,
  },
  {
    program: "rclone",
    debianPackage: "rclone",
    args: (url) => ["copy", "-q", "--config", "/dev/null", "--http-url", url, ":http:", "."],
  },
];

function listFiles(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
}

for (const { program, debianPackage, args, isSlow } of MIRRORS) {
  const words = args("URL").join(" ");
  test(`${program} ${words} fetches each file once, and nothing for people`, async (t: TestContext) => {
    const path = requireProgram(t, program, debianPackage);
    if (path === undefined) return;
    const dir = makeTempFolder(t);
    writeTree(dir, TREE);
    const weir = await startWeir(t, {
      dir,
      args: ["--rate", "off", "--workers", "1", "--zip", "--log", "json"],
    });
    for (const [folder, expected] of [
      ["docs", ["a.txt", "b one.png", "ü.jpg", "c.txt", "d.txt"]],
      ["many", Object.keys(TREE["many/"])],
    ] as const) {
      if (folder === "many" && isSlow === true) continue;
      const own = makeTempFolder(t);
      await run(path, args(`${weir.url}/${folder}/`), { cwd: own, timeout: RUN_MS_MAX });
      const files = new Set(listFiles(own).map((name) => decodeURIComponent(name)));
      const missing = expected.filter((name) => !files.has(name));
      assert.deepEqual(missing.slice(0, 5), [], join(folder, `${missing.length} are missing`));
    }
    await weir.stop();
    const targets = parseJsonLog(weir.stdout()).lines.map(({ target }) => target ?? "");
    assert.deepEqual(
      targets.filter((target) => /sort=|format=|download=|[?&]q=/.test(target)),
      [],
    );
    // Some look at a file before they fetch it, and none twice.
    const files = targets.filter((target) => /\.(txt|png|jpg)$/.test(target));
    const perFile = files.length / new Set(files).size;
    assert.ok(perFile <= 2, `${files.length} requests for ${new Set(files).size} files`);
  });
}
