import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatContentRange, parseRange } from "./range.ts";

type Expected = "whole" | "unsatisfiable" | readonly (readonly [offset: number, length: number])[];

const SIZE = 10_000;
const DIGITS_50 = "9".repeat(50);

const RANGES: readonly (readonly [string, number, Expected])[] = [
  ["bytes=0-0", SIZE, [[0, 1]]],
  ["bytes=0-", SIZE, [[0, SIZE]]],
  ["bytes=5-", SIZE, [[5, SIZE - 5]]],
  ["bytes=-5", SIZE, [[SIZE - 5, 5]]],
  ["bytes=-1", SIZE, [[SIZE - 1, 1]]],
  ["bytes=3-7", SIZE, [[3, 5]]],
  ["bytes=9999-9999", SIZE, [[9999, 1]]],
  // §14.1.2: an end beyond the file is clamped, not refused.
  ["bytes=9990-20000", SIZE, [[9990, 10]]],
  ["bytes=-20000", SIZE, [[0, SIZE]]],
  [`bytes=1-${DIGITS_50}`, SIZE, [[1, SIZE - 1]]],
  [`bytes=-${DIGITS_50}`, SIZE, [[0, SIZE]]],
  ["BYTES=0-0", SIZE, [[0, 1]]],
  ["bytes= 0-0 ", SIZE, [[0, 1]]],
  ["bytes=00000-00001", SIZE, [[0, 2]]],
  // §14.1.2: nothing of the file lies in it.
  ["bytes=10000-", SIZE, "unsatisfiable"],
  ["bytes=10000-10000", SIZE, "unsatisfiable"],
  [`bytes=${DIGITS_50}-`, SIZE, "unsatisfiable"],
  ["bytes=-0", SIZE, "unsatisfiable"],
  ["bytes=0-", 0, "unsatisfiable"],
  ["bytes=-5", 0, "unsatisfiable"],
  ["bytes=10000-, -0", SIZE, "unsatisfiable"],
  // §14.2: what is not understood is ignored.
  ["bytes=7-3", SIZE, "whole"],
  [`bytes=${DIGITS_50}-1`, SIZE, "whole"],
  ["bytes=-", SIZE, "whole"],
  ["bytes=", SIZE, "whole"],
  ["bytes", SIZE, "whole"],
  ["", SIZE, "whole"],
  ["bytes =0-0", SIZE, "whole"],
  ["bytes=0 - 0", SIZE, "whole"],
  ["bytes=--5", SIZE, "whole"],
  ["bytes=+1-2", SIZE, "whole"],
  ["bytes=1.0-2", SIZE, "whole"],
  ["bytes=0x0-1", SIZE, "whole"],
  ["bytes=a-b", SIZE, "whole"],
  ["items=0-0", SIZE, "whole"],
  ["bytes=\xa00-0", SIZE, "whole"],
  ["bytes=0-0\xa0", SIZE, "whole"],
  ["bytes=0-0, x", SIZE, "whole"],
  ["bytes=0-0, 7-3", SIZE, "whole"],
  // Several: in the order asked for, unless some touch.
  [
    "bytes=0-0,-1",
    SIZE,
    [
      [0, 1],
      [SIZE - 1, 1],
    ],
  ],
  [
    "bytes=5000-5009, 0-9",
    SIZE,
    [
      [5000, 10],
      [0, 10],
    ],
  ],
  ["bytes=, 0-0 ,,", SIZE, [[0, 1]]],
  ["bytes=0-9, 20000-", SIZE, [[0, 10]]],
  ["bytes=0-9,10-19", SIZE, [[0, 20]]],
  ["bytes=0-99,50-149", SIZE, [[0, 150]]],
  ["bytes=0-99,50-60", SIZE, [[0, 100]]],
  // Lines around each part would cost more than the file.
  [
    "bytes=0-0,2000-2000",
    2100,
    [
      [0, 1],
      [2000, 1],
    ],
  ],
  ["bytes=0-4999,5200-9990", SIZE, "whole"],
  [
    `bytes=${Array.from({ length: 257 }, (_, at) => `${at * 300}-${at * 300}`).join(",")}`,
    SIZE,
    "whole",
  ],
];

for (const [value, sizeBytes, expected] of RANGES) {
  const shown = value.length > 60 ? `${value.slice(0, 60)}…` : value;
  test(`RFC 9110 §14: [${shown}] of ${sizeBytes} bytes is ${JSON.stringify(expected)}`, () => {
    const outcome = parseRange(value, sizeBytes);
    const actual =
      outcome.kind === "parts"
        ? outcome.parts.map(({ offsetBytes, lengthBytes }) => [offsetBytes, lengthBytes])
        : outcome.kind;
    assert.deepEqual(actual, expected);
  });
}

test("formatContentRange counts from 0 to the last byte [first 5 of 10]", () => {
  assert.equal(formatContentRange({ offsetBytes: 0, lengthBytes: 5 }, 10), "bytes 0-4/10");
});

const rangeText = fc.oneof(
  fc.tuple(fc.nat(400), fc.nat(400)).map(([a, b]) => `${a}-${b}`),
  fc.nat(400).map((first) => `${first}-`),
  fc.nat(400).map((count) => `-${count}`),
);

/** The bytes that a list of ranges names, by the plainest reading of RFC 9110 §14.1.2. */
function bytesNamed(texts: readonly string[], sizeBytes: number): Set<number> {
  const named = new Set<number>();
  for (const text of texts) {
    const [first = "", last = ""] = text.split("-");
    for (let at = 0; at < sizeBytes; at++) {
      const isNamed =
        first === ""
          ? at >= sizeBytes - Number(last)
          : at >= Number(first) && at <= (last === "" ? sizeBytes : Number(last));
      if (isNamed) named.add(at);
    }
  }
  return named;
}

test("whatever is asked for, the parts lie in the file, do not overlap, hold every byte named and cost less than the whole", (t) => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  t.diagnostic(`seed ${seed}`);
  const property = fc.property(
    fc.array(rangeText, { minLength: 1, maxLength: 6 }),
    fc.nat(3000),
    (texts, sizeBytes) => {
      const outcome = parseRange(`bytes=${texts.join(",")}`, sizeBytes);
      const named = bytesNamed(texts, sizeBytes);
      if (outcome.kind === "unsatisfiable") assert.equal(named.size, 0);
      if (outcome.kind !== "parts") return;
      const sent = new Set<number>();
      let sentBytes = 0;
      for (const { offsetBytes, lengthBytes } of outcome.parts) {
        assert.ok(lengthBytes > 0 && offsetBytes + lengthBytes <= sizeBytes);
        sentBytes += lengthBytes;
        for (let at = 0; at < lengthBytes; at++) sent.add(offsetBytes + at);
      }
      assert.equal(sent.size, sentBytes);
      assert.ok(named.isSubsetOf(sent));
      assert.ok(outcome.parts.length === 1 || sentBytes < sizeBytes);
    },
  );
  fc.assert(property, { seed, numRuns: 2000 });
});

test("a list of 16 KiB is the whole file, whatever is in it [0-1 and commas, blanks, digits]", () => {
  for (const piece of ["0-1,", ",", " ", "0"]) {
    const value = `bytes=0-1,${piece.repeat(16_000 / piece.length)}`;
    assert.deepEqual(parseRange(value, SIZE), { kind: "whole" });
  }
});
