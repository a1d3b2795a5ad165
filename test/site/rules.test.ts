// The rules of a site that is published, from outside: Cache-Control and fields by pattern, redirects,
// CORS; from flags and from the config file, and what is refused in them.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import { type Asked, ask, field, outcome, serve, serveWithFile } from "../fixtures/ask-weir.ts";
import type { RawResponse } from "../fixtures/raw-response.ts";
import { runWeir } from "../fixtures/run-weir.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir, type WeirProcess } from "../fixtures/weir-process.ts";

suite("--cache-control", { concurrency: true }, () => {
  const tree = { "a.html": "a", "a.txt": "a", assets: { x: { "y.css": "y" }, "z.html": "z" } };
  const text = "/assets/**=public, max-age=31536000, immutable; *.html=no-store";
  const json = { "/assets/**": "public, max-age=31536000, immutable", "*.html": "no-store" };

  const expected: [target: string, value: string][] = [
    ["/assets/x/y.css", "public, max-age=31536000, immutable"],
    ["/assets/z.html", "public, max-age=31536000, immutable"],
    ["//assets///x//y.css", "public, max-age=31536000, immutable"],
    ["/assets/x/%79.css", "public, max-age=31536000, immutable"],
    ["/a.html", "no-store"],
    ["/a.txt", "no-cache"],
    ["/", "no-store"],
    ["/nothing.css", "no-store"],
  ];

  const given: [string, (t: TestContext) => Promise<WeirProcess>][] = [
    ["a flag", (t) => serve(t, tree, ["--cache-control", text])],
    ["a flag in JSON", (t) => serve(t, tree, ["--cache-control", JSON.stringify(json)])],
    ["the config file", (t) => serveWithFile(t, tree, { "cache-control": json })],
    ["a text in the config file", (t) => serveWithFile(t, tree, { "cache-control": text })],
  ];

  for (const [where, start] of given) {
    test(`the first rule that matches decides, else it is no-cache [from ${where}]`, async (t) => {
      const weir = await start(t);
      for (const [target, value] of expected) {
        const response = await ask(weir, target);
        assert.equal(field(response, "cache-control"), value, target);
      }
      const fields = [`If-None-Match: ${field(await ask(weir, "/a.html"), "etag")}`];
      const unchanged = await ask(weir, "/a.html", { fields });
      assert.deepEqual([unchanged.status, field(unchanged, "cache-control")], [304, "no-store"]);
    });
  }
});

suite("--headers", { concurrency: true }, () => {
  const tree = { "a.html": "aaaa", "b.json": "{}", docs: { "c.txt": "c" } };
  const rules = [
    { path: "*.html", set: { "X-Frame-Options": "SAMEORIGIN", "X-A": "1" } },
    { path: "/**", set: { "x-frame-options": "DENY", "Content-Security-Policy": "sandbox" } },
    {
      path: "*.json",
      set: { "Content-Type": "application/geo+json", "Cache-Control": "no-store" },
    },
    { path: "/docs/", set: { "Cache-Control": "max-age=1", Vary: "Cookie" } },
  ];

  const given: [string, (t: TestContext) => Promise<WeirProcess>][] = [
    ["a flag", (t) => serve(t, tree, ["--headers", JSON.stringify(rules)])],
    ["the config file", (t) => serveWithFile(t, tree, { headers: rules })],
  ];

  for (const [where, start] of given) {
    test(`all rules that match set their fields, each once [from ${where}]`, async (t) => {
      const weir = await start(t);
      const page = await ask(weir, "/a.html");
      assert.equal(field(page, "x-frame-options"), "DENY");
      assert.equal(field(page, "x-a"), "1");
      const json = await ask(weir, "/b.json");
      assert.equal(field(json, "content-type"), "application/geo+json");
      assert.equal(field(json, "cache-control"), "no-store");
      assert.equal(field(json, "x-a"), undefined);
    });
  }

  test("200, 206 and 304 of files have them, HEAD too; errors and redirects do not", async (t) => {
    const weir = await serve(t, tree, ["--headers", JSON.stringify(rules)]);
    const whole = await ask(weir, "/a.html");
    const etag = `If-None-Match: ${field(whole, "etag")}`;
    const answers: [RawResponse, status: number, has: boolean][] = [
      [whole, 200, true],
      [await ask(weir, "/a.html", { method: "HEAD" }), 200, true],
      [await ask(weir, "/a.html", { fields: ["Range: bytes=0-0"] }), 206, true],
      [await ask(weir, "/a.html", { fields: [etag] }), 304, true],
      [await ask(weir, "/a.html", { fields: ["Range: bytes=9-"] }), 416, false],
      [await ask(weir, "/nothing.html"), 404, false],
      [await ask(weir, "/docs"), 301, false],
    ];
    for (const [response, status, has] of answers) {
      assert.equal(response.status, status);
      assert.equal(field(response, "x-frame-options"), has ? "DENY" : undefined, String(status));
    }
  });

  test("a listing has its own fields replaced, and its Vary kept", async (t) => {
    const weir = await serve(t, tree, ["--headers", JSON.stringify(rules)]);
    const docs = await ask(weir, "/docs/");
    assert.equal(field(docs, "content-security-policy"), "sandbox");
    assert.equal(field(docs, "cache-control"), "max-age=1");
    assert.equal(field(docs, "vary"), "Accept, Accept-Encoding | Cookie");
    assert.equal(field(docs, "content-type"), "text/html; charset=utf-8");
    assert.equal(field(await ask(weir, "/"), "cache-control"), "no-store");
  });

  test("a Content-Type is that of the parts of several ranges, not of what holds them", async (t) => {
    const set = { "Content-Type": "text/x-big" };
    const big = { "big.bin": "0123456789".repeat(500) };
    const weir = await serve(t, big, ["--headers", JSON.stringify([{ path: "*", set }])]);
    const response = await ask(weir, "/big.bin", { fields: ["Range: bytes=0-1,4000-4001"] });
    assert.match(field(response, "content-type") ?? "", /^multipart\/byteranges; boundary=/);
    assert.equal(response.body.toString().match(/^Content-Type: text\/x-big\r$/gm)?.length, 2);
  });
});

suite("--redirects", { concurrency: true }, () => {
  const tree = { "a.html": "a", "old.html": "still there" };
  const rules = [
    { from: "/old.html", to: "/new.html" },
    { from: "/blog/**", to: "https://blog.example/**", status: 308 },
    { from: "/p/*/", to: "/page?id=*", status: 302 },
    { from: "/up**", to: "/*", status: 307 },
  ];

  const cases: [target: string, outcome: string][] = [
    ["/old.html", "301 /new.html"],
    ["/old.html?a=b", "301 /new.html?a=b"],
    ["/%6fld.html", "301 /new.html"],
    ["/blog/", "308 https://blog.example/"],
    ["/blog/2026/a%20b%C3%BC?x", "308 https://blog.example/2026/a%20b%C3%BC?x"],
    ["/blog/..%2f..", "404 "],
    ["/p/a&b/?x", "302 /page?id=a%26b"],
    ["/up/evil.example/%5C", "307 /evil.example/%5C"],
    ["/up//evil.example", "307 /evil.example"],
    ["//up////evil.example//", "307 /evil.example/"],
    ["//old.html", "301 /new.html"],
    ["/blog//2026//", "308 https://blog.example/2026/"],
    ["http://evil.example/old.html", "301 /new.html"],
    ["/a.html", "200 a"],
  ];

  const given: [string, (t: TestContext) => Promise<WeirProcess>][] = [
    ["a flag", (t) => serve(t, tree, ["--redirects", JSON.stringify(rules)])],
    ["the config file", (t) => serveWithFile(t, tree, { redirects: rules })],
  ];

  for (const [where, start] of given) {
    test(`paths are sent where the rules say, and never to a host of the client's [from ${where}]`, async (t) => {
      const weir = await start(t);
      for (const [target, expected] of cases) {
        const got = await outcome(weir, target);
        if (expected.endsWith(" ")) assert.ok(got.startsWith(expected), `${target}: ${got}`);
        else assert.equal(got, expected, target);
      }
      assert.match(await outcome(weir, "/old.html", { method: "POST" }), /^405 /);
    });
  }
});

suite("--cors", { concurrency: true }, () => {
  const EXPOSED = "Content-Length, Content-Range, ETag, RateLimit, RateLimit-Policy, Retry-After";

  test("every answer may be read: files, listings, errors, refusals and 429", async (t) => {
    const dir = makeTempFolder(t);
    writeTree(dir, { "a.txt": "a", docs: {} });
    const weir = await startWeir(t, { dir, args: ["--cors", "--rate", "6/h", "--workers", "1"] });
    const asked: [target: string, asked: Asked, status: number][] = [
      ["/a.txt", {}, 200],
      ["/", {}, 200],
      ["/docs", {}, 301],
      ["/nothing", {}, 404],
      ["/a.txt", { method: "POST" }, 405],
      ["/a.txt", { method: "OPTIONS" }, 204],
      ["/a.txt", {}, 429],
      ["/a.txt", { fields: ["Bad Field: x"] }, 400],
    ];
    for (const [target, how, status] of asked) {
      const response = await ask(weir, target, how);
      assert.equal(response.status, status);
      assert.equal(field(response, "access-control-allow-origin"), "*", String(status));
      assert.equal(field(response, "access-control-expose-headers"), EXPOSED, String(status));
    }
  });

  test("a preflight is allowed, from the config file too; without the switch nothing is said", async (t) => {
    const tree = { "a.txt": "a" };
    const preflight: Asked = {
      method: "OPTIONS",
      fields: ["Origin: https://other.example", "Access-Control-Request-Method: GET"],
    };
    const on = await ask(await serveWithFile(t, tree, { cors: true }), "/a.txt", preflight);
    assert.equal(on.status, 204);
    assert.equal(field(on, "access-control-allow-methods"), "GET, HEAD, OPTIONS");
    assert.match(field(on, "access-control-allow-headers") ?? "", /^\*, .*\bRange\b/);
    assert.match(field(on, "access-control-max-age") ?? "", /^\d+$/);
    const off = await ask(await serve(t, tree, []), "/a.txt", preflight);
    assert.equal(off.status, 204);
    assert.ok([...off.fields.keys()].every((name) => !name.startsWith("access-control-")));
  });
});

suite("what is not allowed is told in one line, and ends with 2", { concurrency: 4 }, () => {
  const flags: [args: string[], line: RegExp][] = [
    [["--spa=app.html"], /^cannot use "app.html" for --spa: a switch takes no value/],
    [["--cache-control", "*.css"], /for --cache-control: rule 1: give a value for every file/],
    [["--cache-control", "*=max-age=1h"], /rule 1: "max-age=1h": give whole seconds/],
    [
      ["--headers", "X-A: b"],
      /^cannot use "X-A: b" for --headers: it is not JSON; write it such as/,
    ],
    [
      ["--headers", '[{"path": "*", "set": {"Content-Length": "5"}}]'],
      /for --headers: rule 1: weir sets Content-Length itself, and nothing else may$/,
    ],
    [
      ["--headers", '[{"path": "*", "set": {"A": "b\\r\\nC: d"}}]'],
      /rule 1: give A a string of visible/,
    ],
    [["--redirects", '[{"from": "/a", "to": "/a"}]'], /rule 1: its "to" leads back to a "from"/],
    [["--redirects", '[{"from": "/a", "to": "//b"}]'], /rule 1: "\/\/b": give "to" a path such as/],
    [
      ["--cors", "--headers", '[{"path": "*", "set": {"Access-Control-Allow-Origin": "x"}}]'],
      /^cannot use --cors with "Access-Control-Allow-Origin" in --headers: keep one of them$/,
    ],
  ];
  const files: [config: object, line: RegExp][] = [
    [{ spa: "yes" }, /^cannot use "yes" for "spa" in "site.json": give true or false$/],
    [{ "cache-control": 5 }, /for "cache-control" in "site.json": give an object or an array$/],
    [{ "cache-control": ["*"] }, /for "cache-control" in "site.json": /],
    [
      { headers: {} },
      /^cannot use "\{\}" for "headers" in "site.json": give a JSON array of rules/,
    ],
    [{ redirects: [{ from: "/a" }] }, /for "redirects" in "site.json": rule 1: give "to" a path/],
    [
      { redirects: true },
      /^cannot use "true" for "redirects" in "site.json": give an object or an/,
    ],
    [{ cleanurls: true }, /^unknown name "cleanurls" in "site.json": did you mean "clean-urls"\?$/],
  ];

  async function refusal(t: TestContext, args: string[], config?: object): Promise<string> {
    const cwd = makeTempFolder(t);
    if (config !== undefined) writeFileSync(join(cwd, "site.json"), JSON.stringify(config));
    const { code, stdout, stderr } = await runWeir(t, ["serve", ".", ...args], { cwd });
    const [first = "", second, ...rest] = stderr.split("\n");
    assert.deepEqual([code, stdout, second, rest], [2, "", "see: weir serve --help", [""]], stderr);
    assert.match(first, /^weir: /);
    return first.slice("weir: ".length);
  }

  for (const [args, line] of flags) {
    test(`weir serve ${args.join(" ")}`, async (t) => assert.match(await refusal(t, args), line));
  }
  for (const [config, line] of files) {
    test(`weir serve with ${JSON.stringify(config)} in the config file`, async (t) => {
      assert.match(await refusal(t, ["--config", "site.json"], config), line);
    });
  }
});
