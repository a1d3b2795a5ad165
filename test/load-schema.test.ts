// The published schema of `weir load --json` (docs/load-result.schema.json) against what the real
// program saves: nothing is left undescribed, nothing that is described is wrong.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { formatLoadJson } from "../src/load/report/saved-results.ts";
import { FAILURE_REASONS } from "../src/load/request-outcome.ts";
import { findFreePort } from "./fixtures/free-port.ts";
import { type JsonSchema, validateJson } from "./fixtures/json-schema.ts";
import { limitedResult, openResult } from "./fixtures/load-results.ts";
import { runWeir } from "./fixtures/run-weir.ts";
import { makeTempFolder, writeTree } from "./fixtures/temp-folder.ts";
import { startWeir } from "./fixtures/weir-process.ts";

const schema = JSON.parse(
  readFileSync(join(import.meta.dirname, "../docs/load-result.schema.json"), "utf8"),
) as JsonSchema & { $defs: Record<string, { properties: Record<string, JsonSchema> }> };

function checkSchema(value: unknown): void {
  assert.deepEqual(validateJson(schema, value, true), []);
}

test("runs of every kind keep the schema [closed, open in stages, polite, bodies, two sources]", async (t) => {
  const folder = makeTempFolder(t);
  writeTree(folder, { "www/": { "a.txt": "a" } });
  const weir = await startWeir(t, { dir: join(folder, "www"), args: ["--rate", "20/s"] });
  const url = `${weir.url}/a.txt`;
  const runs: string[][] = [
    [url, "-n", "50"],
    [url, "--rate", "0.5s@20/s,0.5s@60/s", "--check"],
    [url, "-n", "30", "--polite", "-H", "X-Test: 1"],
    [url, "-n", "60", "--source", "127.0.0.1-127.0.0.2", "-t", "2", "--head"],
    [url, "-n", "20", "--rounds", "2"],
    ["--compare", url, url, "-n", "20", "--rounds", "2"],
    [`http://127.0.0.1:${await findFreePort()}/`, "-n", "3"],
  ];
  for (const args of runs) {
    const run = await runWeir(t, ["load", ...args, "--json", "-"]);
    assert.notEqual(run.stdout, "", run.stderr);
    checkSchema(JSON.parse(run.stdout));
  }
});

test("results with every field there is keep the schema, and every reason of a failure has a place", () => {
  for (const result of [limitedResult, openResult]) checkSchema(JSON.parse(formatLoadJson(result)));
  const { failuresByReason } = schema.$defs.run!.properties;
  assert.deepEqual(Object.keys(failuresByReason!.properties as object), [...FAILURE_REASONS]);
});

test("the schema refuses what is no result [a text for a number, a missing plan, another schema]", () => {
  const good = JSON.parse(formatLoadJson(openResult));
  const { plan: _, ...unplanned } = good;
  for (const wrong of [
    { ...good, total: "1000" },
    unplanned,
    { ...good, schema: "weir-load/2" },
    [],
  ]) {
    assert.notDeepEqual(validateJson(schema, wrong, false), []);
  }
  // New fields may come at any time.
  assert.deepEqual(validateJson(schema, { ...good, added: true }, false), []);
});
