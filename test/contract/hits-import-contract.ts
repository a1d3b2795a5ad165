// `weir hits import` into either place that keeps hits, beside a server that uses it or without one: the
// checks that the tests of each place run. Only the arguments that name the place differ.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openClient } from "../fixtures/keep-alive-client.ts";
import { runWeir } from "../fixtures/run-weir.ts";
import { makeTempFolder } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";

/** What `weir hits ARGS` prints; it must succeed and say nothing else. */
export async function runHits(t: TestContext, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runWeir(t, ["hits", ...args]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  return stdout;
}

/** @param place the arguments of `weir hits` that name a place without hits */
export async function checkImports(t: TestContext, place: readonly string[]): Promise<void> {
  const file = join(makeTempFolder(t), "hits.csv");
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
    const told = await runHits(t, "import", file, ...place, ...args);
    assert.match(told, new RegExp(`; ${added} hits came to`), `${content} ${place}`);
    const csv = await runHits(t, "export", "--format", "csv", ...place);
    assert.equal(csv, `path,hits\r\n/a,${a}\r\n/b,1\r\n`);
  }
}

/** The arguments that name one place, to a server of `dir` and to `weir hits import`. */
export type ChoosePlace = (
  dir: string,
  stateDir: string,
) => { readonly serving: readonly string[]; readonly importing: readonly string[] };

export async function checkRunningServer(t: TestContext, choosePlace: ChoosePlace): Promise<void> {
  const folder = makeTempFolder(t);
  const dir = join(folder, "public");
  mkdirSync(dir);
  writeFileSync(join(dir, "a"), "a");
  const file = join(folder, "hits.csv");
  writeFileSync(file, "path,hits\n/a,41\n");
  const { serving, importing } = choosePlace(dir, join(folder, "state"));
  const { port } = await startWeir(t, { dir, args: ["--rate", "off", ...serving] });
  const client = await openClient(t, { port });
  await client.ask("/a");
  await runHits(t, "import", file, "--add", ...importing);
  const deadlineMs = performance.now() + 60_000;
  for (;;) {
    const { body } = await client.ask("/?format=json");
    if (JSON.parse(body.toString()).entries[0].hits === 42) break;
    assert.ok(performance.now() < deadlineMs, body.toString());
    await sleep(20);
  }
}
