import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRedirects } from "./redirect-rule.ts";
import { checkSiteConfig, type SiteConfig } from "./site-config.ts";
import { parseHeaderRules } from "./site-rules.ts";

const plain: SiteConfig = {
  spa: false,
  cleanUrls: false,
  cors: false,
  cacheRules: [],
  headerRules: [],
  redirects: [],
};

test("a site without contradictions is frozen", () => {
  assert.ok(Object.isFrozen(checkSiteConfig({ ...plain, cors: true, cleanUrls: true })));
});

test("--cors with a field of its own is refused", () => {
  const headerRules = parseHeaderRules('[{"path": "*", "set": {"access-control-max-age": "5"}}]');
  assert.ok(checkSiteConfig({ ...plain, headerRules }));
  assert.throws(() => checkSiteConfig({ ...plain, headerRules, cors: true }), {
    name: "UsageError",
    message:
      'cannot use --cors with "access-control-max-age" in --headers: keep one of them',
  });
});

const sentBack: [from: string, to: string][] = [
  ["/about", "/about.html"],
  ["/about", "/about.html?x#y"],
  ["/p/*", "/p/*.html"],
  ["/docs/", "/docs/index.html"],
];

for (const [from, to] of sentBack) {
  test(`--clean-urls with the redirect from ${from} to ${to} is refused, without it it is not`, () => {
    const redirects = parseRedirects(JSON.stringify([{ from, to }]));
    assert.ok(checkSiteConfig({ ...plain, redirects }));
    assert.throws(() => checkSiteConfig({ ...plain, redirects, cleanUrls: true }), {
      name: "UsageError",
      message: /^cannot use --clean-urls with the redirect to .* it would come back for ever/,
    });
  });
}

test("--clean-urls with a redirect to a page that goes nowhere further is allowed", () => {
  const redirects = parseRedirects('[{"from": "/team", "to": "/about.html"}]');
  assert.ok(checkSiteConfig({ ...plain, redirects, cleanUrls: true }));
});
