import assert from "node:assert/strict";
import { test } from "node:test";
import { limitedResult, openResult } from "../../../test/fixtures/load-results.ts";
import { formatLoadCsv, formatLoadJson, parseSavedResults } from "./saved-results.ts";

const run = JSON.parse(formatLoadJson(limitedResult));
const open = JSON.parse(formatLoadJson(openResult));

function parse(value: unknown) {
  return parseSavedResults(JSON.stringify(value));
}

test("a saved run is one round, as it was", () => {
  for (const saved of [run, open]) {
    assert.deepEqual(parse(saved), { kind: "rounds", rounds: [saved] });
  }
});

test("saved rounds are all of them, and a pair is two series", () => {
  const rounds = { schema: "weir-load-rounds/1", rounds: [run, open] };
  assert.deepEqual(parse(rounds), { kind: "rounds", rounds: [run, open] });
  const pair = { schema: "weir-load-pair/1", a: rounds, b: { ...rounds, rounds: [run] } };
  assert.deepEqual(parse(pair), { kind: "pair", a: [run, open], b: [run] });
});

const wrong: [name: string, text: string, why: RegExp][] = [
  ["no JSON", "<html>", /^it is not a JSON object; give what weir load --json has saved$/],
  ["null", "null", /^it is not a JSON object/],
  ["a list", "[]", /^it is not a JSON object/],
  ["another schema", '{"schema":"weir-lab/1"}', /^schema is not "weir-load\/1"; give/],
  ["no rounds", '{"schema":"weir-load-rounds/1","rounds":[]}', /^rounds holds no run/],
  ["half a pair", '{"schema":"weir-load-pair/1","a":{}}', /^a\.rounds holds no run/],
  [
    "a round of another kind",
    JSON.stringify({ schema: "weir-load-rounds/1", rounds: [run, {}] }),
    /^rounds\[1\]\.schema is not "weir-load\/1"/,
  ],
  [
    "a rate that is a text",
    JSON.stringify({ ...run, rate: { achieved: "9", admitted: 1 } }),
    /^rate\.achieved is not a number of at least 0$/,
  ],
  ["no plan", JSON.stringify({ ...run, plan: undefined }), /^plan is not an object$/],
  [
    "an open plan without stages",
    JSON.stringify({ ...run, plan: { ...run.plan, model: { kind: "open" } } }),
    /^plan\.model\.stages is not a list of stages$/,
  ],
  [
    "a number of requests that is null",
    JSON.stringify({ ...run, plan: { ...run.plan, requests: null } }),
    /^plan\.requests is not a number/,
  ],
  [
    "a latency that is null",
    JSON.stringify({ ...run, latencyMs: { all: { p50: null } } }),
    /^latencyMs\.all\.p50 is not a number/,
  ],
];

for (const [name, text, why] of wrong) {
  test(`a file that holds ${name} is refused with one line`, () => {
    const saved = parseSavedResults(text);
    assert.equal(saved.kind, "invalid");
    assert.match(saved.kind === "invalid" ? saved.why : "", why);
  });
}

test("a run of 0.12 s is the names and one line, the missing p99 an empty cell", () => {
  assert.equal(
    formatLoadCsv(limitedResult),
    "second,due,admitted,refused,failed,body_bytes,p50_ms,p99_ms\n0,200,5,195,0,4096,1,\n",
  );
});

test("every second has a line, and every line as many cells as there are names", () => {
  const lines = formatLoadCsv(openResult).trimEnd().split("\n");
  assert.equal(lines.length, openResult.seconds.length + 1);
  for (const line of lines) assert.equal(line.split(",").length, 8, line);
});

test("a run without any second is the names alone", () => {
  assert.match(formatLoadCsv({ ...limitedResult, seconds: [] }), /^second,[a-z0-9_,]+\n$/);
});
