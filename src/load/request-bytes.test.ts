import assert from "node:assert/strict";
import { test } from "node:test";
import { formatAuthority, formatRequest, formatRequestTarget } from "./request-bytes.ts";

for (const [path, target] of [
  ["", "/"],
  ["a.html", "/a.html"],
  ["/a b.html?x=1 2#part", "/a%20b.html?x=1%202"],
  ["/grün/日.png", "/gr%C3%BCn/%E6%97%A5.png"],
  ["/../secret//x%2f", "/../secret//x%2f"],
  ["/a\r\nX-Evil: 1", "/a%0D%0AX-Evil:%201"],
  ['/<">', "/%3C%22%3E"],
  ["/\ud800", "/%EF%BF%BD"],
] as const) {
  test(`the path ${JSON.stringify(path)} is asked for as ${target}`, () => {
    assert.equal(formatRequestTarget(path), target);
  });
}

test("an authority puts IPv6 in brackets and leaves port 80 out", () => {
  assert.equal(formatAuthority("::1", 8001), "[::1]:8001");
  assert.equal(formatAuthority("localhost", 80), "localhost");
});

test("a request is a whole head with Host and the connection's fate", () => {
  const parts = { method: "GET", host: "localhost", port: 8001, requestTarget: "/a" } as const;
  const text = formatRequest(parts, false).toString();
  assert.match(text, /^GET \/a HTTP\/1\.1\r\nHost: localhost:8001\r\n/);
  assert.match(text, /\r\nConnection: close\r\n\r\n$/);
  assert.match(formatRequest(parts, true).toString(), /\r\nConnection: keep-alive\r\n\r\n$/);
});

test("port 443 goes without saying over TLS, and port 80 does not", () => {
  const parts = { method: "GET", host: "a", requestTarget: "/", isSecure: true } as const;
  const hostOf = (port: number) =>
    /Host: (.*)\r/.exec(String(formatRequest({ ...parts, port }, true)));
  assert.deepEqual([hostOf(443)![1], hostOf(80)![1]], ["a", "a:80"]);
});

test("a header of a person is sent, and takes the place of weir's own [Host, user-agent]", () => {
  const parts = { method: "GET", host: "a", port: 80, requestTarget: "/" } as const;
  const headers = ["Host: b", "user-agent: mine", "X-A: 1", "X-A: 2"];
  const lines = String(formatRequest(parts, true, headers)).split("\r\n");
  assert.deepEqual(lines, [
    "GET / HTTP/1.1",
    "Accept: */*",
    "Connection: keep-alive",
    ...headers,
    "",
    "",
  ]);
});
