import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRedirects } from "../config/redirect-rule.ts";
import type { ServeValues } from "../config/serve-config.ts";
import { serveFlags } from "../config/serve-flags.ts";
import { parseHeaderRules } from "../config/site-rules.ts";
import { checkConflicts } from "./flag-conflicts.ts";
import { resolveValues } from "./resolve-values.ts";

const defaults = resolveValues(serveFlags, {
  typed: new Map(),
  env: {},
  file: undefined,
  currentDir: "/",
});

function check(values: Partial<ServeValues>): true {
  checkConflicts({ ...defaults, ...values }, {});
  return true;
}

test("flags that go together are allowed", () => {
  assert.ok(check({}));
  assert.ok(check({ cors: true, cleanUrls: true, spa: true }));
});

test("--cors with a field of its own is refused", () => {
  const headers = parseHeaderRules('[{"path": "*", "set": {"access-control-max-age": "5"}}]');
  assert.ok(check({ headers }));
  assert.throws(() => check({ headers, cors: true }), {
    name: "UsageError",
    message: 'cannot use --cors with "access-control-max-age" in --headers: keep one of them',
  });
});

test("--proxy-protocol without a trusted proxy is refused", () => {
  assert.throws(() => check({ proxyProtocol: true }), {
    name: "UsageError",
    message: /^cannot use --proxy-protocol without --trust-proxy: /,
  });
});

const sentBack: [from: string, to: string][] = [
  ["/about", "/about.html"],
  ["/about", "/about.html?x#y"],
  ["/p/*-en", "/p/*-en.html"],
  ["/docs/", "/docs/index.html"],
];

for (const [from, to] of sentBack) {
  test(`--clean-urls with the redirect from ${from} to ${to} is refused, without it it is not`, () => {
    const redirects = parseRedirects(JSON.stringify([{ from, to }]));
    assert.ok(check({ redirects }));
    assert.throws(() => check({ redirects, cleanUrls: true }), {
      name: "UsageError",
      message: /^cannot use --clean-urls with the redirect to .* it would never end/,
    });
  });
}

test("--clean-urls with a redirect to a page that goes nowhere further is allowed", () => {
  const redirects = parseRedirects('[{"from": "/team", "to": "/about.html"}]');
  assert.ok(check({ redirects, cleanUrls: true }));
});

test("--clean-urls with a redirect from a folder to its index page is refused by any index name", () => {
  const redirects = parseRedirects('[{"from": "/docs/", "to": "/docs/default.html"}]');
  const cleanUrls = true;
  assert.ok(check({ redirects, cleanUrls }));
  const indexNames = ["index.htm", "default.html"];
  assert.throws(() => check({ redirects, cleanUrls, indexNames }), {
    name: "UsageError",
  });
});
