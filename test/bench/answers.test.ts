// How the benchmarks look at answers: whole, to the byte, and with a line for what is wrong.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AnswerReader } from "../../bench/answer-reader.ts";
import { checkAnswer } from "../../bench/ask.ts";
import { pathInTree } from "../../bench/file-tree.ts";
import { fillTemplate } from "../../bench/peers/template.ts";

const BODY = Buffer.from("content");

test("a right answer passes; another status, byte or length fails with server and address", () => {
  const expected = { status: 200, body: BODY };
  const check = (status: number, text: string): void =>
    checkAnswer("nginx", "http://a/b", { status, body: Buffer.from(text) }, expected);
  check(200, "content");
  const prefix = /^nginx answered "http:\/\/a\/b" wrongly: /;
  assert.throws(() => check(404, "content"), { name: "OperationError", message: prefix });
  assert.throws(() => check(200, "contenT"), /7 bytes that are not the 7 bytes of the file$/);
  assert.throws(() => check(200, ""), /0 bytes that are not the 7 bytes of the file$/);
});

test("AnswerReader finds the end of each answer, wherever the pieces are cut", () => {
  const whole = Buffer.from("HTTP/1.1 200 OK\r\nA: b\r\ncontent-length: 7\r\n\r\ncontent");
  const reader = new AnswerReader();
  for (let cut = 1; cut < whole.length; cut++) {
    assert.equal(reader.read(whole.subarray(0, cut)), "incomplete", `cut at ${cut}`);
    assert.equal(reader.read(whole.subarray(cut)), 200, `cut at ${cut}`);
  }
});

test("AnswerReader tells other statuses, and what it cannot follow", () => {
  const read = (text: string) => new AnswerReader().read(Buffer.from(text));
  assert.equal(read("HTTP/1.1 429 Too Many\r\nContent-Length: 0\r\n\r\n"), 429);
  assert.equal(read("HTTP/1.1 200 OK\r\n\r\n"), "without a length");
  assert.equal(read("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab"), "longer than its length");
});

test("templates are filled in, and a placeholder without a value is an error", () => {
  assert.equal(fillTemplate("{{a}}:{{b}} { {{a}} }", { a: 1, b: "x" }), "1:x { 1 }");
  assert.throws(() => fillTemplate("{{c}}", { a: 1 }), /placeholder c/);
});

test("files of a tree are a thousand to a folder [0, 999, 1000, 123456]", () => {
  assert.deepEqual([0, 999, 1000, 123_456].map(pathInTree), [
    "/d0/f0.txt",
    "/d0/f999.txt",
    "/d1/f1000.txt",
    "/d123/f123456.txt",
  ]);
});
