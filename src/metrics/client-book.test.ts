import assert from "node:assert/strict";
import { test } from "node:test";
import { ClientBook } from "./client-book.ts";

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
