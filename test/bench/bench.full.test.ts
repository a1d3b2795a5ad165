// The benchmarks as a person runs them, in their shortest form: each row starts its servers, loads
// them, and finds every answer right. No number is looked at here.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { requireProgram } from "../fixtures/system-program.ts";
import { makeTempFolder } from "../fixtures/temp-folder.ts";

const BENCH_MAIN = fileURLToPath(new URL("../../bench/main.ts", import.meta.url));
const PLOT_MAIN = fileURLToPath(new URL("../../bench/draw-plot.ts", import.meta.url));

async function run(t: TestContext, main: string, args: readonly string[], path?: string) {
  const env = { ...process.env, ...(path === undefined ? {} : { PATH: path }) };
  const child = spawn(process.execPath, [main, ...args], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  // As Ctrl-C would: it stops its servers.
  t.after(() => child.kill("SIGINT"));
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout, stderr };
}

interface Result {
  readonly schema: string;
  readonly form: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly {
    readonly name: string;
    readonly cases: readonly {
      readonly name: string;
      readonly series: readonly { readonly name: string; readonly rounds: readonly number[] }[];
      readonly comparisons: readonly { readonly peer: string; readonly ratio: number }[];
    }[];
  }[];
}

test("small files and refusals are measured against nginx, and their results are saved and drawn", async (t) => {
  if (requireProgram(t, "wrk", "wrk") === undefined) return;
  if (requireProgram(t, "nginx", "nginx-light") === undefined) return;
  const folder = makeTempFolder(t);
  const jsonPath = join(folder, "result.json");
  const args = ["--form", "smoke", "--json", jsonPath, "small-files", "refusals"];
  const { code, stdout, stderr } = await run(t, BENCH_MAIN, args);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^ {2}1 KB +µs CPU an answer +ratio/m);
  assert.match(stdout, /^ {4}nginx .* ≤ 0\.80 +(met|missed)$/m);
  const result = JSON.parse(readFileSync(jsonPath, "utf8")) as Result;
  assert.equal(result.schema, "weir-bench/1");
  assert.equal(result.form, "smoke");
  assert.match(result.versions.nginx ?? "", /nginx\/\d/);
  const cases = result.rows.flatMap((row) => row.cases);
  assert.deepEqual(
    cases.map(({ name }) => name),
    ["1 KB", "10 KB", "304", "429"],
  );
  for (const { name, series, comparisons } of cases) {
    assert.deepEqual([series[0]?.name, series[1]?.name], ["weir", "nginx"], name);
    assert.ok(
      series.every(({ rounds }) => rounds.length === 1 && (rounds[0] ?? 0) > 0),
      name,
    );
    assert.equal(comparisons[0]?.peer, "nginx", name);
    assert.ok((comparisons[0]?.ratio ?? 0) > 0, name);
  }
  const svgPath = join(folder, "plot.svg");
  const drawn = await run(t, PLOT_MAIN, [jsonPath, svgPath]);
  assert.deepEqual(drawn, { code: 0, stdout: "", stderr: "" });
  assert.match(readFileSync(svgPath, "utf8"), /<desc[^>]*>1 KB: weir [\d.]+, nginx 1\.00/);
});

test("a row without peers runs where nothing but wrk is installed [memory, micro]", async (t) => {
  if (requireProgram(t, "wrk", "wrk") === undefined) return;
  const { code, stdout, stderr } = await run(t, BENCH_MAIN, ["--form", "smoke", "memory", "micro"]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^ {2}an idle connection +KiB/m);
  assert.match(stdout, /^ {2}an admission +ns$/m);
});

const WRONG_ARGUMENTS = [
  [["no-row"], /^bench: cannot measure "no-row": give rows of small-files, .*\n$/],
  [["--form", "tiny"], /^bench: cannot use "tiny" for --form: give one of short, full, smoke\n$/],
  [["--rounds=3"], /^bench: cannot read the arguments: .*--rounds.*\n$/],
] as const;

for (const [args, message] of WRONG_ARGUMENTS) {
  test(`wrong arguments get one line that says what is allowed [${args.join(" ")}]`, async (t) => {
    const { code, stdout, stderr } = await run(t, BENCH_MAIN, args);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, message);
  });
}

test("without wrk the run fails and says what installs it", async (t) => {
  const { code, stderr } = await run(t, BENCH_MAIN, ["micro"], makeTempFolder(t));
  assert.equal(code, 1);
  assert.match(stderr, /^bench: cannot run "\w+": bench\/set-up\.sh installs what is needed\n$/);
});

test("what is no result cannot be drawn [{}]", async (t) => {
  const folder = makeTempFolder(t);
  const missing = join(folder, "absent.json");
  const { code, stderr } = await run(t, PLOT_MAIN, [missing, join(folder, "plot.svg")]);
  assert.equal(code, 1);
  assert.match(stderr, /^draw-plot: cannot draw ".*absent\.json": .*\n$/);
});
