import assert from "node:assert/strict";
import { test } from "node:test";
import { ClientTallies } from "./client-tally.ts";

test("a report holds what was gained since the last one, and nothing of who gained nothing", () => {
  const tallies = new ClientTallies();
  const [a, b] = [tallies.open("a"), tallies.open("b")];
  tallies.count(a, false, 10);
  tallies.count(a, true, 11);
  tallies.count(a, true, 12);
  tallies.count(b, false, 13);
  assert.deepEqual(tallies.report(), [
    { client: "a", admitted: 1, refused: 2, lastSeenMs: 12 },
    { client: "b", admitted: 1, refused: 0, lastSeenMs: 13 },
  ]);
  assert.deepEqual(tallies.report(), []);
  tallies.count(b, true, 20);
  assert.deepEqual(tallies.report(), [{ client: "b", admitted: 0, refused: 1, lastSeenMs: 20 }]);
});

test("more clients than a report has room for wait for the next, none is lost [2,500]", () => {
  const tallies = new ClientTallies();
  for (let index = 0; index < 2500; index++) tallies.count(tallies.open(`c${index}`), false, index);
  const reports = [tallies.report(), tallies.report(), tallies.report(), tallies.report()];
  assert.deepEqual(
    reports.map((report) => report.length),
    [1000, 1000, 500, 0],
  );
  assert.equal(new Set(reports.flat().map(({ client }) => client)).size, 2500);
});

test("memory is bounded: of ever new clients the oldest are let go [100,000]", () => {
  const tallies = new ClientTallies();
  for (let index = 0; index < 100_000; index++) {
    tallies.count(tallies.open(`c${index}`), false, index);
  }
  const reported: string[] = [];
  for (let report = tallies.report(); report.length > 0; report = tallies.report()) {
    reported.push(...report.map(({ client }) => client));
  }
  assert.equal(reported.length, 4096);
  assert.equal(reported.at(-1), "c99999");
});
