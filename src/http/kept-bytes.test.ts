import assert from "node:assert/strict";
import { test } from "node:test";
import type { CountedField } from "./counted-field.ts";
import { KeptBytes } from "./kept-bytes.ts";

const BODY = Buffer.from("body");
const left = (count: number, end = ";t=1\r\n"): CountedField => {
  return { beginning: "RateLimit: r=", count, digitsMin: 1, end };
};

test("bytes are taken again with another number of as many digits, and are the same buffer", () => {
  const kept = new KeptBytes();
  const made = kept.make("A: 1\r\n", "date", left(42), BODY);
  assert.equal(made.toString(), "A: 1\r\nRateLimit: r=42;t=1\r\n\r\nbody");
  const again = kept.take("date", left(10));
  assert.equal(again, made);
  assert.equal(again?.toString(), "A: 1\r\nRateLimit: r=10;t=1\r\n\r\nbody");
  assert.equal(kept.take("date", left(99))?.toString(), "A: 1\r\nRateLimit: r=99;t=1\r\n\r\nbody");
});

const OTHERS: readonly [string, string, CountedField | undefined][] = [
  ["another second", "later", left(42)],
  ["more digits", "date", left(100)],
  ["fewer digits", "date", left(9)],
  ["another end", "date", left(42, ";t=2\r\n")],
  ["no number", "date", undefined],
];

for (const [what, date, counted] of OTHERS) {
  test(`bytes are not taken for another head [${what}]`, () => {
    const kept = new KeptBytes();
    kept.make("A: 1\r\n", "date", left(42), BODY);
    assert.equal(kept.take(date, counted), undefined);
  });
}

test("bytes that the stream still holds are never written over", () => {
  const kept = new KeptBytes();
  const lent = kept.make("A: 1\r\n", "date", left(42), BODY);
  kept.release(false);
  assert.equal(kept.take("date", left(43)), undefined);
  kept.make("A: 1\r\n", "date", left(43), BODY);
  kept.take("date", left(44));
  assert.equal(lent.toString(), "A: 1\r\nRateLimit: r=42;t=1\r\n\r\nbody");
});

test("an answer without a number is kept as it is", () => {
  const kept = new KeptBytes();
  const made = kept.make("A: 1\r\n", "date", undefined, Buffer.alloc(0));
  kept.release(true);
  assert.equal(kept.take("date", undefined), made);
  assert.equal(made.toString(), "A: 1\r\n\r\n");
});
