import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRedirects } from "./redirect-rule.ts";
import { checkSiteConfig, defaultSite } from "./site-config.ts";
import { parseHeaderRules } from "./site-rules.ts";

test("a site without contradictions is frozen", () => {
  assert.ok(Object.isFrozen(checkSiteConfig({ ...defaultSite, cors: true, cleanUrls: true })));
});

test("--cors with a field of its own is refused", () => {
  const headerRules = parseHeaderRules('[{"path": "*", "set": {"access-control-max-age": "5"}}]');
  assert.ok(checkSiteConfig({ ...defaultSite, headerRules }));
  assert.throws(() => checkSiteConfig({ ...defaultSite, headerRules, cors: true }), {
    name: "UsageError",
    message: 'cannot use --cors with "access-control-max-age" in --headers: keep one of them',
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
    assert.ok(checkSiteConfig({ ...defaultSite, redirects }));
    assert.throws(() => checkSiteConfig({ ...defaultSite, redirects, cleanUrls: true }), {
      name: "UsageError",
      message: /^cannot use --clean-urls with the redirect to .* it would come back for ever/,
    });
  });
}

test("--clean-urls with a redirect to a page that goes nowhere further is allowed", () => {
  const redirects = parseRedirects('[{"from": "/team", "to": "/about.html"}]');
  assert.ok(checkSiteConfig({ ...defaultSite, redirects, cleanUrls: true }));
});

test("--clean-urls with a redirect from a folder to its index page is refused by any index name", () => {
  const redirects = parseRedirects('[{"from": "/docs/", "to": "/docs/default.html"}]');
  const cleanUrls = true;
  assert.ok(checkSiteConfig({ ...defaultSite, redirects, cleanUrls }));
  const indexNames = ["index.htm", "default.html"];
  assert.throws(() => checkSiteConfig({ ...defaultSite, redirects, cleanUrls, indexNames }), {
    name: "UsageError",
  });
});
