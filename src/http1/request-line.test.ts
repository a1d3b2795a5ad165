import assert from "node:assert/strict";
import { test } from "node:test";
import { isValidHost } from "./request-line.ts";

const VALID = [
  "a",
  "a.test",
  "A.Test:8001",
  "a.test:",
  "127.0.0.1",
  "127.0.0.1:65535",
  "1.2.3",
  "xn--bcher-kva.example",
  "a_b~c!$&'()*+;=-.d",
  "%41.test",
  "[::1]",
  "[::1]:80",
  "[2001:db8::ffff:192.0.2.1]",
];

const INVALID = [
  "",
  ":80",
  "a,b",
  "a b",
  "a\tb",
  "a:b",
  "a:+1",
  "a:-1",
  "a:0x50",
  "a:65536",
  "a:000080",
  "a:80:80",
  "::1",
  "[::1",
  "::1]",
  "[]",
  "[a]",
  "[127.0.0.1]",
  "[::1]80",
  "[::1%25eth0]",
  "[v1.a]",
  "a/b",
  "a?b",
  "a#b",
  "user@a",
  "a%",
  "a%4",
  "a%zz",
  "a\\b",
  'a"b',
  "a<b>",
  "b\u00fccher.test",
  "a\0",
];

for (const value of VALID) {
  test(`RFC 3986 §3.2.2: "${value}" is a host`, () => assert.equal(isValidHost(value), true));
}

for (const value of INVALID) {
  test(`RFC 3986 §3.2.2: ${JSON.stringify(value)} is no host`, () => {
    assert.equal(isValidHost(value), false);
  });
}
