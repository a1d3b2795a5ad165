import assert from "node:assert/strict";
import { test } from "node:test";
import { formatTarget } from "../config/target-url.ts";
import { type DownloadRequest, decideRedirect } from "./download.ts";

const from: DownloadRequest = {
  method: "GET",
  scheme: "http",
  host: "example.com",
  port: 80,
  requestTarget: "/docs/a?b",
};

for (const [location, url] of [
  ["/docs/", "http://example.com/docs/"],
  ["x/", "http://example.com/docs/x/"],
  ["?c", "http://example.com/docs/a?c"],
  ["//example.com/y", "http://example.com/y"],
  ["http://EXAMPLE.com:80/z#part", "http://example.com/z"],
  ["https://example.com/", "https://example.com/"],
] as const) {
  test(`a redirect to ${location} on the same host is followed to ${url}`, () => {
    const decision = decideRedirect(from, location);
    assert.ok(decision.kind === "follow");
    assert.equal(formatTarget(decision.request), url);
    assert.equal(decision.request.method, "GET");
  });
}

for (const location of [
  "http://evil.example/",
  "//evil.example/docs/",
  "http://example.com.evil.example/",
  "http://example.com:8080/",
  "https://example.com:8443/",
  "file:///etc/passwd",
  "http://",
]) {
  test(`a redirect to ${location} is refused`, () => {
    assert.equal(decideRedirect(from, location).kind, "redirect-refused");
  });
}

test("a redirect from https down to http is refused", () => {
  const secure = { ...from, scheme: "https", port: 443 } as const;
  assert.equal(decideRedirect(secure, "http://example.com/").kind, "redirect-refused");
});

test("URLs put IPv6 in brackets and leave the scheme's own port out", () => {
  assert.equal(formatTarget({ ...from, host: "::1", port: 8001 }), "http://[::1]:8001/docs/a?b");
  assert.equal(
    formatTarget({ ...from, scheme: "https", port: 443 }),
    "https://example.com/docs/a?b",
  );
});
