import assert from "node:assert/strict";
import { test } from "node:test";
import { httpLimits } from "../transport/engine.ts";
import { RequestHeadCache } from "./request-head-cache.ts";
import { RequestParser } from "./request-parser.ts";

const REPEATED: readonly (readonly [what: string, heads: readonly string[]])[] = [
  ["the same head", ["GET /a HTTP/1.1\r\nHost: a\r\n\r\n", "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"]],
  ["another target", ["GET /a HTTP/1.1\r\nHost: a\r\n\r\n", "GET /b HTTP/1.1\r\nHost: a\r\n\r\n"]],
  ["other fields", ["GET /a HTTP/1.1\r\nHost: a\r\n\r\n", "GET /a HTTP/1.1\r\nHost: b\r\n\r\n"]],
  [
    "more fields",
    ["GET /a HTTP/1.1\r\nHost: a\r\n\r\n", "GET /a HTTP/1.1\r\nHost: a\r\nRange: bytes=0-\r\n\r\n"],
  ],
  [
    "fewer fields, and a body's length",
    [
      "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
      "POST /a HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
  ],
  [
    "an older version with the same fields",
    ["GET /a HTTP/1.1\r\nHost: a\r\n\r\n", "GET /a HTTP/1.0\r\nHost: a\r\n\r\n"],
  ],
];

for (const [what, heads] of REPEATED) {
  test(`a head behind another is read as it is by itself, in whatever pieces it comes [${what}]`, () => {
    const alone = heads.map((head) => {
      const text = Buffer.from(head);
      return new RequestParser(httpLimits, new RequestHeadCache()).parse(text, 0, text.length);
    });
    for (let cut = 1; cut <= (heads[1] as string).length; cut++) {
      const parser = new RequestParser(httpLimits, new RequestHeadCache());
      const [first, second] = heads.map((head) => Buffer.from(head)) as [Buffer, Buffer];
      // Remembered from the second on.
      for (let time = 0; time < 3; time++) {
        assert.deepEqual(parser.parse(first, 0, first.length), alone[0]);
      }
      if (cut < second.length) {
        assert.deepEqual(parser.parse(second, 0, cut), { kind: "incomplete" });
      }
      assert.deepEqual(parser.parse(second, 0, second.length), alone[1]);
    }
  });
}
