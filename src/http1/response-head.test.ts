import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_BODY } from "../http/reply.ts";
import { httpLimits } from "../transport/engine.ts";
import { formatFields, ResponseHeadFormatter } from "./response-head.ts";

const VALUES: readonly (readonly [string, string])[] = [
  ["plain", "plain"],
  ["a\r\nSet-Cookie: b", "a  Set-Cookie: b"],
  ["a\nb\rc\0d\x7f\x1b", "a b c d  "],
  ["\xfc", "\xfc"],
  ["\u20ac\u{1f600}", "??"],
];

for (const [value, expected] of VALUES) {
  test(`a value ends no line and is Latin-1 [${JSON.stringify(value)}]`, () => {
    assert.equal(formatFields([["A", value]]), `A: ${expected}\r\n`);
  });
}

test("a name ends no line either", () => {
  assert.equal(formatFields([["A\r\nB", "c"]]), "A  B: c\r\n");
});

test("a head has the status, Date, the fields of every answer, those of the reply, and those of its use", () => {
  const formatter = new ResponseHeadFormatter(httpLimits, () => 0, [["X-Every", "1"]]);
  const reply = { status: 404, fields: [["A", "b"]] as const, body: NO_BODY };
  const use = {
    others: [["P", "q"]] as const,
    name: "R",
    before: "r=",
    count: 4,
    digitsMin: 1,
    after: ";t=1",
  };
  assert.deepEqual(formatter.format(reply, use, 0, false).split("\r\n"), [
    "HTTP/1.1 404 Not Found",
    "Date: Thu, 01 Jan 1970 00:00:00 GMT",
    "Server: weir",
    "X-Content-Type-Options: nosniff",
    "X-Every: 1",
    "A: b",
    "Content-Length: 0",
    "Connection: close",
    "P: q",
    "R: r=4;t=1",
    "",
    "",
  ]);
});
