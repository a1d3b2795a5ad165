import assert from "node:assert/strict";
import { test } from "node:test";
import { findNearestName, parseValue, quote, UsageError } from "./usage-error.ts";

test("parseValue completes the error of a parser with act, value and target", () => {
  const refuse = () => {
    throw new UsageError("give a number from 0 to 65535");
  };
  assert.throws(() => parseValue("--port", "abc", refuse), {
    name: "UsageError",
    message: 'cannot use "abc" for --port: give a number from 0 to 65535',
  });
});

test("parseValue shows no password of a URL [redis://me:geheim@host, with @ and / in it]", () => {
  for (const password of ["geheim", "ge@he/im"]) {
    const refuse = () => {
      throw new UsageError("give another");
    };
    assert.throws(() => parseValue("--store", `redis://me:${password}@host/x`, refuse), {
      message: 'cannot use "redis://…@host/x" for --store: give another',
    });
  }
});

test("parseValue returns what the parser returns", () => {
  assert.equal(parseValue("--port", "8001", Number), 8001);
});

test("parseValue lets other errors through as they are", () => {
  const defect = new TypeError("defect");
  const fail = () => {
    throw defect;
  };
  assert.throws(
    () => parseValue("--port", "1", fail),
    (error) => error === defect,
  );
});

const quoted: [string, string][] = [
  ["abc", '"abc"'],
  ['a"b\\c', '"a\\"b\\\\c"'],
  ["a\nb\u001b[31m", '"a\\nb\\u001b[31m"'],
  ["\u007f\u009b2J", '"\\u{7f}\\u{9b}2J"'],
  ["\u202egpj", '"\\u{202e}gpj"'],
  ["größe", '"größe"'],
  ["x".repeat(200), `"${"x".repeat(120)}…"`],
];

for (const [text, shown] of quoted) {
  test(`quote of ${JSON.stringify(text.slice(0, 20))} is one harmless line`, () => {
    assert.equal(quote(text), shown);
  });
}

const names = ["serve", "load", "get", "lab", "port", "concurrency"];

const cases: [string, string | undefined][] = [
  ["sreve", "serve"],
  ["laod", "load"],
  ["gte", "get"],
  ["prt", "port"],
  ["serves", "serve"],
  ["conc", "concurrency"],
  ["concurency", "concurrency"],
  ["xyz", undefined],
  ["x", undefined],
  ["", undefined],
  ["a".repeat(10_000), undefined],
];

for (const [typed, nearest] of cases) {
  test(`findNearestName of ${JSON.stringify(typed.slice(0, 20))} is ${nearest}`, () => {
    assert.equal(findNearestName(typed, names), nearest);
  });
}
