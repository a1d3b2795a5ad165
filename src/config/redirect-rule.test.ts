import assert from "node:assert/strict";
import { test } from "node:test";
import { findRedirect, formatLocation, parseRedirects } from "./redirect-rule.ts";

function locate(rules: object[], path: string, query?: string): string | undefined {
  const found = findRedirect(parseRedirects(JSON.stringify(rules)), path);
  return found && `${found.rule.status} ${formatLocation(found, query)}`;
}

const located: [from: string, to: string, path: string, location: string | undefined][] = [
  ["/old", "/new", "/old", "301 /new"],
  ["/old", "/new", "/old/", undefined],
  ["/old", "/new", "/older", undefined],
  ["/old/", "/new", "/old/", "301 /new"],
  ["/old/*", "/new/*", "/old/a b", "301 /new/a%20b"],
  ["/old/*", "/new/*", "/old/a/b", undefined],
  ["/old/*", "/new/*", "/old/", "301 /new/"],
  ["/old/**", "/new/**", "/old/a/b", "301 /new/a/b"],
  ["/old/**", "/new/*", "/old/a/b/", "301 /new/a/b/"],
  ["/*.php", "/*.html", "/index.php", "301 /index.html"],
  ["/*.php", "/*.html", "/.php", "301 /.html"],
  ["/a*a", "/b", "/a", undefined],
  ["/old/*", "/new", "/old/x", "301 /new"],
  ["/ü/*", "/u/*", "/\xc3\xbc/\xc3\xa4", "301 /u/%C3%A4"],
  ["/x/*", "/find?q=*", "/x/a&b=c#d", "301 /find?q=a%26b%3Dc%23d"],
  ["/x/**", "https://example.org/y/**", "/x/a/b", "301 https://example.org/y/a/b"],
  ["/x", "https://example.org", "/x", "301 https://example.org"],
  ["/$1/*", "/n/*", "/$1/$&$1", "301 /n/%24%26%241"],
  ["/x/*", "/n/*", "/x/%2e%2e\\", "301 /n/%252e%252e%5C"],
];

for (const [from, to, path, location] of located) {
  test(`the redirect from ${from} to ${to} sends ${path} to ${location}`, () => {
    assert.equal(locate([{ from, to }], path), location);
  });
}

const hostile: [from: string, to: string, path: string, location: string][] = [
  ["/old**", "/*", "/old/evil.example/", "301 /evil.example/"],
  ["/old**", "/*x", "/old/evil.example/", "301 /evil.example/x"],
  ["/old/**", "/**", "/old/\\evil.example", "301 /%5Cevil.example"],
  ["/old/*", "/*", "/old/\\\\evil.example", "301 /%5C%5Cevil.example"],
  ["/old/*", "/n/*", "/old/\r\nX: y", "301 /n/%0D%0AX%3A%20y"],
  [
    "/old/*",
    "https://example.org/*",
    "/old/@evil.example",
    "301 https://example.org/%40evil.example",
  ],
];

for (const [from, to, path, location] of hostile) {
  test(`what was captured never names a host [${from} to ${to}, ${JSON.stringify(path)}]`, () => {
    assert.equal(locate([{ from, to }], path), location);
    const host = new URL(location.slice(4), "http://here.example/").host;
    assert.match(host, /^(here\.example|example\.org)$/);
  });
}

test("the first rule for a path counts, each with its status", () => {
  const rules = [
    { from: "/a/x", to: "/1", status: 302 },
    { from: "/a/*", to: "/2", status: 307 },
    { from: "/**", to: "https://example.org/", status: 308 },
  ];
  const paths = ["/a/x", "/a/y", "/"];
  const expected = ["302 /1", "307 /2", "308 https://example.org/"];
  assert.deepEqual(
    paths.map((path) => locate(rules, path)),
    expected,
  );
});

test("the query is kept, before a fragment, unless the rule has its own", () => {
  assert.equal(locate([{ from: "/a", to: "/b" }], "/a", "x=1&y"), "301 /b?x=1&y");
  assert.equal(locate([{ from: "/a", to: "/b#c" }], "/a", "x=1"), "301 /b?x=1#c");
  assert.equal(locate([{ from: "/a", to: "/b?z=2" }], "/a", "x=1"), "301 /b?z=2");
  assert.equal(locate([{ from: "/a", to: "/b" }], "/a", ""), "301 /b?");
});

const circles: [from: string, to: string][][] = [
  [["/a", "/a"]],
  [["/a", "/a#b"]],
  [["/a", "/%61"]],
  [["/a/*", "/a/*"]],
  [["/a/**", "/a/b/**"]],
  [["/*", "/index.html"]],
  [
    ["/a", "/b"],
    ["/b", "/c"],
    ["/c", "/a"],
  ],
  [
    ["/a/*", "/b/*"],
    ["/b/*", "/a/*"],
  ],
];

for (const rules of circles) {
  test(`a circle is refused [${rules.map(([from, to]) => `${from} to ${to}`).join(", ")}]`, () => {
    const text = JSON.stringify(rules.map(([from, to]) => ({ from, to })));
    const message = `rule 1: its "to" leads back to a "from", so it would never end`;
    assert.throws(() => parseRedirects(text), { name: "UsageError", message });
  });
}

const unreached: [from: string, later: string][] = [
  ["/a", "/a"],
  ["/a/*", "/a/b"],
  ["/a/**", "/a/b/*"],
  ["/a/**", "/a/b/**"],
  ["/**", "/a/*.php"],
  ["/*.php", "/a*.php"],
];

for (const [from, later] of unreached) {
  test(`a rule from ${later} behind one from ${from} is refused, since it is never reached`, () => {
    const rules = [
      { from, to: "https://example.org/1" },
      { from: later, to: "https://example.org/2" },
    ];
    assert.throws(() => parseRedirects(JSON.stringify(rules)), {
      name: "UsageError",
      message: /^rule 2: it is never reached, because rule 1 comes before it/,
    });
    if (from !== later) assert.equal(parseRedirects(JSON.stringify(rules.reverse())).length, 2);
  });
}

test("rules for some of the same paths are no mistake [/a* and /*b, /a/* and /a/**]", () => {
  for (const [from, later] of [
    ["/a*", "/*b"],
    ["/a/*", "/a/**"],
    ["/a/*", "/a/b/*"],
  ]) {
    const rules = [
      { from, to: "https://example.org/1" },
      { from: later, to: "https://example.org/2" },
    ];
    assert.equal(parseRedirects(JSON.stringify(rules)).length, 2);
  }
});

test("a path with percent escapes is refused: paths are matched as they are on disk", () => {
  assert.throws(() => parseRedirects('[{"from": "/a%20b", "to": "/c"}]'), {
    name: "UsageError",
    message: 'rule 1: "/a%20b": write "from" as names are on disk, without percent escapes',
  });
});

test("a chain that ends is no circle [/a to /b, /b to /c, /c/* to /a/*]", () => {
  const text = JSON.stringify([
    { from: "/a", to: "/b" },
    { from: "/b", to: "/c" },
    { from: "/c/*", to: "/a/*" },
  ]);
  assert.equal(parseRedirects(text).length, 3);
});

const refusedFrom: unknown[] = [
  ...["", "old", "//old", "/a//b", "/a/../b", "/.", "/a?b", "/a#b", "/*/*", "/a\nb", "/\ud800"],
  ...["https://example.org/", 5, null, undefined, `/${"a".repeat(2048)}`],
];

for (const from of refusedFrom) {
  test(`a redirect from ${JSON.stringify(from)?.slice(0, 40)} is refused`, () => {
    const text = JSON.stringify([{ from, to: "/new" }]);
    const message = /^rule 1: give "from" a path such as/;
    assert.throws(() => parseRedirects(text), { name: "UsageError", message });
  });
}

const refusedTo: unknown[] = [
  ...["", "new", "//evil.example", "/\\evil.example", "\\\\evil.example", "/a b", "/ü", "/%4"],
  ...[
    "https:evil.example",
    "https://",
    "https:///a",
    "https://*.example.org/",
    "https://example.org*",
  ],
  ...["https://user@example.org/", "javascript:alert(1)", "ftp://example.org/", "/a\r\nX: y"],
  ...["https://example.org:99999/", "/*/*", 5, null, undefined],
];

for (const to of refusedTo) {
  test(`a redirect to ${JSON.stringify(to)} is refused`, () => {
    const text = JSON.stringify([{ from: "/old/*", to }]);
    const message = /^rule 1: (".*": )?give "to" (a path such as|one star at most)/;
    assert.throws(() => parseRedirects(text), { name: "UsageError", message });
  });
}

test("a star to put in needs a star to take it from", () => {
  const message =
    /^rule 1: "\/new\/\*": give "to" one star at most, and only where "from" has one$/;
  const text = '[{"from": "/old", "to": "/new/*"}]';
  assert.throws(() => parseRedirects(text), { name: "UsageError", message });
});

test("a status that does not redirect is refused [200, 300, 303, 304, text]", () => {
  for (const status of [200, 300, 303, 304, "301", null]) {
    const text = JSON.stringify([{ from: "/a", to: "/b", status }]);
    const message = "rule 1: give 301, 302, 307 or 308 as the status";
    assert.throws(() => parseRedirects(text), { name: "UsageError", message });
  }
});

test("a rule with an unknown name is refused [force]", () => {
  const text = '[{"from": "/a", "to": "/b", "force": true}]';
  const message = 'rule 1: unknown name "force"; a rule has from, to and status';
  assert.throws(() => parseRedirects(text), { name: "UsageError", message });
});
