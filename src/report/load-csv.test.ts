import assert from "node:assert/strict";
import { test } from "node:test";
import { limitedResult, openResult } from "../../test/fixtures/load-results.ts";
import { formatLoadCsv } from "./load-csv.ts";

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
