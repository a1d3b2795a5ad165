import assert from "node:assert/strict";
import { test } from "node:test";
import { PreparedRows } from "./prepared-rows.ts";

const formatRow = (index: number) => ({
  before: `<${index} é>`,
  after: index % 2 === 0 ? "" : "/я",
});

test("each row is what it would be by itself, in whatever order they are asked for (200 rows)", () => {
  const rows = new PreparedRows(200, formatRow, () => {});
  for (let step = 0; step < 400; step++) {
    const index = (step * 77) % 200;
    assert.deepEqual(rows.rowAt(index), formatRow(index));
  }
});

test("a row is formatted once, and rows that nobody asks for are not (65 of 1000)", () => {
  const formatted: number[] = [];
  const rows = new PreparedRows(
    1000,
    (index) => {
      formatted.push(index);
      return formatRow(index);
    },
    () => {},
  );
  for (let round = 0; round < 3; round++) {
    for (let index = 0; index < 65; index++) rows.rowAt(index);
  }
  assert.deepEqual(
    formatted,
    Array.from({ length: 128 }, (_, index) => index),
  );
});

test("what is held is told as it grows, twice as much where characters are wide", () => {
  const grownBy = (before: string) => {
    let held = 0;
    const rows = new PreparedRows(
      64,
      () => ({ before, after: "" }),
      (bytes) => {
        held += bytes;
      },
    );
    rows.rowAt(0);
    rows.rowAt(63);
    return held;
  };
  const [narrow, wide] = [grownBy("é".repeat(1000)), grownBy("я".repeat(1000))];
  assert.ok(narrow >= 64_000 && narrow < 80_000, `${narrow} bytes`);
  assert.equal(wide - narrow, 64_000);
});
