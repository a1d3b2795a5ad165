import assert from "node:assert/strict";
import { test } from "node:test";
import { ClientBook, ClientTallies } from "./client-tallies.ts";

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

function gain(client: string, admitted: number, refused: number, lastSeenMs: number) {
  return { client, admitted, refused, lastSeenMs };
}

test("gains of several threads are added up, and the rate is that of the time between", () => {
  const book = new ClientBook();
  book.add([gain("a", 2, 0, 100)]);
  book.add([gain("a", 3, 195, 90), gain("b", 1, 0, 120)]);
  book.advance(2000);
  const { clients, others } = book.busiest(0, 20);
  assert.deepEqual(clients, [
    { client: "a", admitted: 5, refused: 195, requestsPerSecond: 100, lastSeenMs: 100 },
    { client: "b", admitted: 1, refused: 0, requestsPerSecond: 0.5, lastSeenMs: 120 },
  ]);
  assert.equal(others, 0);
  book.advance(1000);
  assert.deepEqual(
    book.busiest(0, 20).clients.map((client) => client.requestsPerSecond),
    [0, 0],
  );
});

test("who was not seen lately is not among the clients of now, and of many the busiest are listed", () => {
  const book = new ClientBook();
  book.add([gain("old", 9, 9, 10), gain("calm", 1, 0, 200), gain("busy", 5, 5, 150)]);
  book.advance(1000);
  assert.deepEqual(
    book.busiest(100, 1).clients.map(({ client }) => client),
    ["busy"],
  );
  assert.equal(book.busiest(100, 1).others, 1);
  assert.equal(book.busiest(0, 1).others, 2);
});

test("the book is bounded: who was told of the longest ago is forgotten [2 of 3]", () => {
  const book = new ClientBook(2);
  book.add([gain("a", 1, 0, 1), gain("b", 1, 0, 2)]);
  book.add([gain("a", 1, 0, 3)]);
  book.add([gain("c", 1, 0, 4)]);
  const names = book.busiest(0, 20).clients.map(({ client }) => client);
  assert.deepEqual(names.sort(), ["a", "c"]);
});
