import assert from "node:assert/strict";
import { test } from "node:test";
import { formatRequest } from "./plan.ts";

test("a request is a whole head with Host and the connection's fate", () => {
  const parts = { method: "GET", host: "localhost", port: 8001, requestTarget: "/a" } as const;
  const text = formatRequest(parts, false).toString();
  assert.match(text, /^GET \/a HTTP\/1\.1\r\nHost: localhost:8001\r\n/);
  assert.match(text, /\r\nConnection: close\r\n\r\n$/);
  assert.match(formatRequest(parts, true).toString(), /\r\nConnection: keep-alive\r\n\r\n$/);
});

test("port 443 goes without saying over TLS, and port 80 does not", () => {
  const parts = { method: "GET", host: "a", requestTarget: "/", scheme: "https" } as const;
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
