import assert from "node:assert/strict";
import { test } from "node:test";
import { findSizeFault, findStatusFault } from "../../bench/cpu-per-answer.ts";
import { parseWrkOutput } from "../../bench/wrk-output.ts";

function outputOf(values: string): string {
  return `Running 1s test @ http://127.0.0.1:1/\n  1 threads and 64 connections\n${values}\n`;
}

const ERRORS = "connect=0 read=0 write=0 timeout=0";

test("parseWrkOutput reads the line of the script, with statuses and without", () => {
  const counted = `weir-bench requests=20 bytes=5000 duration_us=1500000 ${ERRORS} above_399=3 statuses=200:17,429:3`;
  assert.deepEqual(parseWrkOutput(outputOf(counted)), {
    requests: 20,
    bytes: 5000,
    seconds: 1.5,
    errorAnswers: 3,
    statuses: { 200: 17, 429: 3 },
  });
  const bare = `weir-bench requests=1 bytes=9 duration_us=1000000 ${ERRORS} above_399=0 statuses=`;
  assert.deepEqual(parseWrkOutput(outputOf(bare)).statuses, {});
});

for (const name of ["connect", "read", "write", "timeout"]) {
  test(`a socket error fails the load [${name}=1]`, () => {
    const errors = ERRORS.replace(`${name}=0`, `${name}=1`);
    const line = `weir-bench requests=1 bytes=9 duration_us=1 ${errors} above_399=0 statuses=`;
    assert.throws(() => parseWrkOutput(outputOf(line)), new RegExp(`socket errors: .*${name} 1`));
  });
}

test("no line, half a line, and no answer at all fail the load", () => {
  assert.throws(() => parseWrkOutput("unable to connect to 127.0.0.1:1\n"), /printed no result/);
  assert.throws(() => parseWrkOutput("weir-bench requests=1 bytes=9\n"), /printed no result/);
  const line = `weir-bench requests=0 bytes=0 duration_us=1 ${ERRORS} above_399=0 statuses=`;
  assert.throws(() => parseWrkOutput(outputOf(line)), /wrk got no answer/);
});

const FOUND = { expected: { status: 200 }, connections: 4 };
const REFUSED = { expected: { status: 429 }, othersPerSecond: 5, connections: 4 };

test("counted statuses must all be the expected one, but for what a limit lets pass", () => {
  assert.equal(findStatusFault({ statuses: { 200: 100 } }, FOUND, 1), undefined);
  assert.match(findStatusFault({ statuses: { 200: 99, 404: 1 } }, FOUND, 1) ?? "", /"404":1/);
  assert.match(findStatusFault({ statuses: {} }, FOUND, 1) ?? "", /expected answers/);
  assert.equal(findStatusFault({ statuses: { 200: 15, 429: 100 } }, REFUSED, 1), undefined);
  assert.match(
    findStatusFault({ statuses: { 200: 16, 429: 100 } }, REFUSED, 1) ?? "",
    /status 429/,
  );
});

test("later answers are held against the mean one: failures, and other lengths, are found", () => {
  const result = { requests: 1000, bytes: 1_000_000, errorAnswers: 0 };
  assert.equal(findSizeFault(result, FOUND, 1, 1000), undefined);
  assert.match(findSizeFault({ ...result, errorAnswers: 1 }, FOUND, 1, 1000) ?? "", /^1 of 1000/);
  assert.match(findSizeFault(result, FOUND, 1, 900) ?? "", /900 bytes each came in 1000000/);
  const refused = { ...result, errorAnswers: 985 };
  assert.equal(findSizeFault(refused, REFUSED, 1, 1000), undefined);
  assert.match(findSizeFault({ ...refused, errorAnswers: 984 }, REFUSED, 1, 1000) ?? "", /^16 of/);
});
