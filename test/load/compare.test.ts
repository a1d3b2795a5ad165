// `weir compare` from outside: the files that `weir load` has saved, good and bad, by the real program.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { limitedResult } from "../fixtures/load-results.ts";
import { runWeir } from "../fixtures/run-weir.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";

/** Seven rounds whose rates are a few percent apart, saved as `name`. */
function saveRounds(folder: string, name: string, rate: number): string {
  const rounds = Array.from({ length: 7 }, (_, index) => {
    const achieved = rate * (1 + index / 100);
    return { ...limitedResult, rate: { achieved, admitted: achieved } };
  });
  const file = join(folder, name);
  writeFileSync(file, JSON.stringify({ schema: "weir-load-rounds/1", rounds }));
  return file;
}

async function serve(t: TestContext): Promise<{ folder: string; url: string }> {
  const folder = makeTempFolder(t);
  writeTree(folder, { "www/": { "a.txt": "a" } });
  const args = ["--rate", "off", "--workers", "1"];
  const weir = await startWeir(t, { dir: join(folder, "www"), args });
  return { folder, url: `${weir.url}/a.txt` };
}

test("rounds that are half as fast are worse beyond noise, in the text and in the JSON", async (t) => {
  const folder = makeTempFolder(t);
  const [a, b] = [saveRounds(folder, "a.json", 1000), saveRounds(folder, "b.json", 500)];
  const out = join(folder, "out.json");
  const run = await runWeir(t, ["compare", a, b, "--json", out]);
  assert.deepEqual([run.code, run.stderr], [0, ""]);
  assert.match(run.stdout, /^Medians of 7 rounds each$/m);
  assert.match(run.stdout, /^ {2}rate +1,030\/s +515\/s +× 0\.500 .* B is worse$/m);
  assert.match(run.stdout, /^Beyond noise, B is worse: rate, admitted\./m);
  const { schema, figures } = JSON.parse(readFileSync(out, "utf8"));
  assert.equal(schema, "weir-comparison/1");
  assert.deepEqual([figures[0].name, figures[0].verdict], ["rate", "worse"]);
  assert.ok(figures[0].interval.low < 0.5 && figures[0].interval.high > 0.5);
});

test("two real runs of one round each: nothing is claimed, and --rounds 7 is advised", async (t) => {
  const { folder, url } = await serve(t);
  const files = [join(folder, "a.json"), join(folder, "b.json")];
  for (const file of files) {
    const load = await runWeir(t, ["load", url, "-n", "50", "--json", file]);
    assert.equal(load.code, 0, load.stderr);
  }
  const run = await runWeir(t, ["compare", ...files]);
  assert.deepEqual([run.code, run.stderr], [0, ""]);
  assert.match(run.stdout, /^No claim: one run each /m);
  assert.match(run.stdout.replaceAll("\n", " "), /--rounds 7/);
  assert.doesNotMatch(run.stdout, /better|worse|noise:/);
});

test("what load --compare has saved is told again, and rounds of load --rounds are taken", async (t) => {
  const { folder, url } = await serve(t);
  const pair = join(folder, "pair.json");
  const args = ["-n", "20", "-c", "2", "--rounds", "4"];
  const load = await runWeir(t, ["load", "--compare", url, url, ...args, "--json", pair]);
  assert.equal(load.code, 0, load.stderr);
  const told = await runWeir(t, ["compare", pair]);
  assert.deepEqual([told.code, told.stderr], [0, ""]);
  assert.match(told.stdout, /^Medians of 4 rounds each$/m);
  // Byte for byte what was printed behind the lines of the rounds.
  assert.ok(load.stdout.endsWith(told.stdout), load.stdout);
  const rounds = join(folder, "rounds.json");
  await runWeir(t, ["load", url, ...args, "--json", rounds]);
  const same = await runWeir(t, ["compare", rounds, rounds]);
  assert.equal(same.code, 0, same.stderr);
  assert.doesNotMatch(same.stdout, /is better|is worse/);
});

test("bad input is one line that names the file and what is wrong", async (t) => {
  const folder = makeTempFolder(t);
  const good = saveRounds(folder, "good.json", 1000);
  writeTree(folder, { "page.html": "<html>", "lab.json": '{"schema":"weir-lab/1"}' });
  const cases: [files: string[], code: number, line: RegExp][] = [
    [[], 2, /^weir: no results to compare: give two files that weir load --json has saved\n/],
    [
      [good],
      2,
      /^weir: cannot compare ".*good\.json" alone, it holds one result: give two files that /,
    ],
    [[good, good, good], 2, /^weir: cannot compare ".*good\.json" too: give two files /],
    [
      [good, join(folder, "absent")],
      1,
      /^weir: cannot read ".*absent": there is no such file or folder\n/,
    ],
    [[good, folder], 1, /^weir: cannot read ".*": it is a folder\n/],
    [
      [join(folder, "page.html"), good],
      1,
      /^weir: cannot compare ".*page\.html": it is not a JSON/,
    ],
    [
      [good, join(folder, "lab.json")],
      1,
      /^weir: cannot compare ".*": schema is not "weir-load\/1"/,
    ],
  ];
  for (const [files, code, line] of cases) {
    const run = await runWeir(t, ["compare", ...files]);
    assert.match(run.stderr, line);
    assert.ok(run.stderr.trimEnd().split("\n").length <= 2, run.stderr);
    assert.deepEqual([run.code, run.stdout], [code, ""]);
  }
});
