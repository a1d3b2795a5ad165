import assert from "node:assert/strict";
import { test } from "node:test";
import { type Fields, NO_BODY, type Reply, type UseFields } from "../http/reply.ts";
import { SerialisedResponse, SerialisedResponses } from "./serialised-response.ts";

const BODY = Buffer.from("body");
const OTHERS: Fields = [["Policy", "q=5"]];
const left = (count: number, more: Partial<UseFields> = {}): UseFields => {
  return {
    others: OTHERS,
    name: "RateLimit",
    before: "r=",
    count,
    digitsMin: 1,
    after: ";t=1",
    ...more,
  };
};

/** A head that ends as ResponseHeadFormatter ends it. */
const headOf = ({ others, name, before, count, digitsMin, after }: UseFields): string => {
  const lines = others.map(([otherName, value]) => `${otherName}: ${value}\r\n`).join("");
  const number = String(count).padStart(digitsMin, "0");
  return `A: 1\r\n${lines}${name}: ${before}${number}${after}\r\n\r\n`;
};

/** The bytes of a first use. */
const make = (response: SerialisedResponse, use: UseFields): Buffer =>
  response.make(headOf(use), "date", use, BODY);

test("bytes are taken again with another number of as many digits, and are the same buffer", () => {
  const response = new SerialisedResponse();
  const made = make(response, left(42));
  const text = (count: number) => `A: 1\r\nPolicy: q=5\r\nRateLimit: r=${count};t=1\r\n\r\nbody`;
  assert.equal(made.toString(), text(42));
  const again = response.take("date", left(10));
  assert.equal(again, made);
  assert.equal(again?.toString(), text(10));
  assert.equal(response.take("date", left(99))?.toString(), text(99));
});

const OTHER_HEADS: readonly [string, string, UseFields | undefined][] = [
  ["another second", "later", left(42)],
  ["more digits", "date", left(100)],
  ["many more digits", "date", left(4_294_967_296)],
  ["fewer digits", "date", left(9)],
  ["no digits but zero", "date", left(0)],
  ["a number that is filled up", "date", left(42, { digitsMin: 3 })],
  ["another text behind the number", "date", left(42, { after: ";t=2" })],
  ["another text before the number", "date", left(42, { before: "x=" })],
  ["another name", "date", left(42, { name: "Ratelimit" })],
  ["other fields", "date", left(42, { others: [["Policy", "q=6"]] })],
  ["no number", "date", undefined],
];

for (const [what, date, use] of OTHER_HEADS) {
  test(`bytes are not taken for another head [${what}]`, () => {
    const response = new SerialisedResponse();
    make(response, left(42));
    assert.equal(response.take(date, use), undefined);
  });
}

test("bytes that the transport still holds are never written over", () => {
  const response = new SerialisedResponse();
  const lent = make(response, left(42, { others: [] }));
  response.forget();
  assert.equal(response.take("date", left(43, { others: [] })), undefined);
  make(response, left(43));
  response.take("date", left(44));
  assert.equal(lent.toString(), "A: 1\r\nRateLimit: r=42;t=1\r\n\r\nbody");
});

test("an answer without a number is kept as it is", () => {
  const response = new SerialisedResponse();
  const made = response.make("A: 1\r\n\r\n", "date", undefined, Buffer.alloc(0));
  assert.equal(response.take("date", undefined), made);
  assert.equal(made.toString(), "A: 1\r\n\r\n");
});

test("a reply is known by its identity, with a form for limited clients and one for all others", () => {
  const responses = new SerialisedResponses();
  const reply: Reply = { status: 200, fields: [], body: NO_BODY };
  const limited = responses.of(reply, left(1));
  assert.equal(responses.of(reply, left(2)), limited);
  assert.notEqual(responses.of(reply, undefined), limited);
  assert.notEqual(responses.of({ ...reply }, left(1)), limited);
});

const NUMBERS: readonly [count: number, digitsMin: number, digits: string][] = [
  [0, 1, "0"],
  [9, 1, "9"],
  [10, 1, "10"],
  [99, 1, "99"],
  [100, 3, "100"],
  [7, 3, "007"],
  [0, 3, "000"],
  [999_999, 1, "999999"],
  [1_000_000, 1, "1000000"],
  [4_294_967_296, 1, "4294967296"],
];

for (const [count, digitsMin, digits] of NUMBERS) {
  test(`a number that is written over has the same digits as in the text [${count}, at least ${digitsMin}]`, () => {
    const use = left(count, { digitsMin });
    const response = new SerialisedResponse();
    make(response, left(Number("8".repeat(digits.length)), { digitsMin }));
    assert.equal(response.take("date", use)?.toString(), `${headOf(use)}body`);
  });
}
