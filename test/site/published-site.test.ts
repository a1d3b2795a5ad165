// The pages of a site that is published, from outside: an app that names its own places, URLs without
// .html, and an own page for 404.

import assert from "node:assert/strict";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import {
  type Asked,
  ask,
  BROWSER,
  field,
  hitsIn,
  NO_LIMIT,
  outcome,
  serve,
  serveWithFile,
} from "../fixtures/ask-weir.ts";
import { makeTempFolder } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";

const APP_PLACES: [target: string, asked: Asked, outcome: RegExp][] = [
  ["/users/7", { accept: BROWSER }, /^200 app$/],
  ["/users/7/", { accept: BROWSER }, /^200 app$/],
  ["/v1.2/users?x=y", { accept: "text/html" }, /^200 app$/],
  ["/users/john.doe", { accept: BROWSER }, /^200 app$/],
  ["/users/john.doe/", { accept: BROWSER, method: "HEAD" }, /^200 $/],
  ["/pkg/x/1.0.2", { accept: BROWSER }, /^200 app$/],
  ["/pkg/x@1.0.2-rc.1?tab=deps", { accept: BROWSER }, /^200 app$/],
  ["/u/jane@example.com", { accept: BROWSER }, /^200 app$/],
  ["/u/jane%40example.ai", { accept: BROWSER }, /^200 app$/],
  ["/hosts/www.example.org", { accept: BROWSER }, /^200 app$/],
  ["/ip/192.168.0.1", { accept: BROWSER }, /^200 app$/],
  ["/@scope/pkg", { accept: BROWSER }, /^200 app$/],
  ["/@scope%2Fpkg.name", { accept: BROWSER }, /^200 app$/],
  ["/what.", { accept: BROWSER }, /^200 app$/],
  ["/wait...", { accept: BROWSER }, /^200 app$/],
  ["/src/main.rs", { accept: "text/html;level=1, */*;q=0.1" }, /^200 app$/],
  ["/users/john.doe", { accept: "*/*" }, /^404 /],
  ["/pkg/x/1.0.2", {}, /^404 /],
  ["/pkg/x/1.0.2", { accept: "application/json" }, /^404 \{/],
  ["/pkg/x/1.0.2", { accept: "image/avif,image/webp,*/*;q=0.8" }, /^404 /],
  ["/pkg/x/1.0.2", { accept: `${"a/b,".repeat(1000)}text/html` }, /^404 /],
  ["/docs/b.CSS", { accept: "text/css,*/*;q=0.1" }, /^404 /],
  ["/docs/b.CSS", { accept: BROWSER }, /^404 /],
  ["/a.js.map", { accept: "*/*" }, /^404 /],
  ["/v1/data.json", { accept: "*/*" }, /^404 /],
  ["/app.wasm", { accept: "*/*" }, /^404 /],
  ["/logo.png", { accept: "image/avif,image/webp,*/*;q=0.8" }, /^404 /],
  ["/.git/config", { accept: BROWSER }, /^404 /],
  ["/a/.b/c.d", { accept: BROWSER }, /^404 /],
  ["/..%2f..%2fetc%2fpasswd", { accept: BROWSER }, /^404 /],
  ["/..%2f%00", { accept: BROWSER }, /^400 /],
  ["/users", { accept: BROWSER, method: "HEAD" }, /^200 $/],
  ["/users", { accept: BROWSER, fields: ["Range: bytes=0-0"] }, /^206 a$/],
  ["/a.js", { accept: BROWSER }, /^200 js$/],
  ["/b.js", { accept: BROWSER }, /^404 /],
  ["/docs/", { accept: BROWSER }, /^200 <!doctype html>/i],
  ["/users", { accept: "*/*" }, /^404 /],
  ["/users", { accept: "text/html;q=0, */*" }, /^404 /],
  ["/users", { accept: "application/json, text/html" }, /^404 \{/],
  ["/users?format=json", { accept: BROWSER }, /^404 \{/],
  ["/users", {}, /^404 /],
  ["/users", { accept: BROWSER, method: "POST" }, /^405 /],
  ["/.env", { accept: BROWSER }, /^404 /],
  ["//users", { accept: BROWSER }, /^200 app$/],
  ["/../users", { accept: BROWSER }, /^400 /],
];

suite("--spa", { concurrency: true }, () => {
  const tree = { "index.html": "app", "a.js": "js", docs: { "b.txt": "b" } };

  test("browsers get the root's index.html where there is no page; others, and files, do not", async (t) => {
    const weir = await serve(t, tree, ["--spa"]);
    for (const [target, asked, expected] of APP_PLACES) {
      assert.match(await outcome(weir, target, asked), expected, JSON.stringify([target, asked]));
    }
  });

  test("the page has the fields and the hits of /index.html, and says that Accept matters", async (t) => {
    const weir = await serve(t, tree, ["--spa", "--no-index"]);
    const direct = await ask(weir, "/index.html");
    const app = await ask(weir, "/users", { accept: BROWSER });
    assert.equal(field(app, "etag"), field(direct, "etag"));
    assert.match(field(app, "vary") ?? "", /\bAccept(,|$| \|)/);
    await ask(weir, "/users", { accept: BROWSER, method: "HEAD" });
    const fields = [`If-None-Match: ${field(app, "etag")}`];
    const again = await ask(weir, "/x", { accept: BROWSER, fields });
    assert.equal(again.status, 304);
    assert.equal((await hitsIn(weir, "/"))["index.html"], 3);
  });

  test("without the switch, without a page, and with --no-spa over the file it is 404", async (t) => {
    const file = join(makeTempFolder(t), "site.json");
    writeFileSync(file, '{"spa": true}');
    const servers = await Promise.all([
      serve(t, tree, []),
      serve(t, { "a.js": "" }, ["--spa"]),
      serve(t, tree, ["--config", file, "--no-spa"]),
    ]);
    for (const weir of servers) {
      assert.match(await outcome(weir, "/users", { accept: BROWSER }), /^404 /);
    }
    const on = await serveWithFile(t, tree, { spa: true });
    assert.equal(await outcome(on, "/users", { accept: BROWSER }), "200 app");
  });

  test("a folder that is neither listed nor has a page is the app's", async (t) => {
    const weir = await serve(t, tree, ["--spa", "--no-listing"]);
    assert.equal(await outcome(weir, "/docs/", { accept: BROWSER }), "200 app");
    assert.match(await outcome(weir, "/docs/"), /^404 /);
  });
});

const SITE = {
  "index.html": "root",
  "about.html": "about",
  "both.html": "page",
  both: { "index.html": "folder" },
  "guide.html": "guide page",
  guide: { "start.html": "start", deep: { "a.txt": "a" } },
  "file.html": "page",
  file: "file",
  docs: { "index.html": "docs", "a b&ü.html": "odd" },
  "x.html.html": "double",
  "..html": "dots",
  "...html": "more dots",
  "sub.html": "page",
  "\\\\evil.example.html": "backslashes",
};

const CLEAN_URLS: [target: string, outcome: RegExp][] = [
  ["/about", /^200 about$/],
  ["/about?x=1", /^200 about$/],
  ["/about.html", /^301 \/about$/],
  ["/about.html?x=1&y", /^301 \/about\?x=1&y$/],
  ["/about/", /^404 /],
  ["/about.html/", /^404 /],
  ["/index.html", /^301 \/$/],
  ["/index.html?q", /^301 \/\?q$/],
  ["/docs/index.html", /^301 \/docs\/$/],
  ["/docs/./index.html", /^301 \/docs\/$/],
  ["/docs/a%20b&%C3%BC", /^200 odd$/],
  ["/docs/a%20b&%C3%BC.html", /^301 \/docs\/a%20b%26%C3%BC$/],
  ["/both", /^200 page$/],
  ["/both/", /^200 folder$/],
  ["/both.html", /^301 \/both$/],
  ["/both/index.html", /^301 \/both\/$/],
  ["/both/index", /^301 \/both\/$/],
  ["/guide", /^200 guide page$/],
  ["/guide?x=1", /^200 guide page$/],
  ["/guide/", /^200 <!doctype html>/i],
  ["/guide.html", /^301 \/guide$/],
  ["/guide/start", /^200 start$/],
  ["/guide/start/", /^404 /],
  ["/guide/deep", /^301 \/guide\/deep\/$/],
  ["/index", /^301 \/$/],
  ["/docs/index?a", /^301 \/docs\/\?a$/],
  ["/file", /^200 file$/],
  ["/file.html", /^200 page$/],
  ["/x.html", /^200 double$/],
  ["/x.html.html", /^301 \/x\.html$/],
  ["/..html", /^200 dots$/],
  ["/...html", /^200 more dots$/],
  ["//about.html", /^301 \/about$/],
  ["/docs//index.html", /^301 \/docs\/$/],
  ["//evil.example/..//about", /^200 about$/],
  ["/%5C%5Cevil.example.html", /^301 \/%5C%5Cevil\.example$/],
  ["/nothing", /^404 /],
  ["/nothing.html", /^404 /],
];

suite("--clean-urls", { concurrency: true }, () => {
  test("each page has one URL without .html, on this host, and only where that leads to it", async (t) => {
    const weir = await serve(t, SITE, ["--clean-urls", "--hidden"]);
    for (const [target, expected] of CLEAN_URLS) {
      const answer = await outcome(weir, target);
      assert.match(answer, expected, target);
      const head = await ask(weir, target, { method: "HEAD" });
      assert.equal(String(head.status), answer.slice(0, 3), target);
    }
  });

  test("an absolute target is redirected to a path, never to the host that it names", async (t) => {
    const weir = await serve(t, SITE, ["--clean-urls"]);
    assert.equal(await outcome(weir, "http://evil.example//about.html"), "301 /about");
    assert.equal(await outcome(weir, "http://evil.example/about.html"), "301 /about");
  });

  test("a page is counted as its file, and --types, hidden names and --no-index hold", async (t) => {
    const weir = await serveWithFile(
      t,
      { ...SITE, ".secret.html": "s", "a.txt": "", a: {} },
      {
        "clean-urls": true,
        index: false,
        types: ["html"],
      },
    );
    assert.equal(await outcome(weir, "/about"), "200 about");
    assert.equal(await outcome(weir, "/index.html"), "200 root");
    assert.match(await outcome(weir, "/.secret"), /^404 /);
    // Of another type, so it is not there.
    assert.equal(await outcome(weir, "/file"), "200 page");
    assert.equal((await hitsIn(weir, "/"))["about.html"], 1);
  });

  test("beside a folder that is not listed the page is there, and the folder is not", async (t) => {
    const weir = await serve(t, SITE, ["--clean-urls", "--no-listing"]);
    assert.equal(await outcome(weir, "/guide"), "200 guide page");
    assert.match(await outcome(weir, "/guide/"), /^404 /);
    assert.equal(await outcome(weir, "/guide/deep"), "301 /guide/deep/");
    const listed = await serve(t, SITE, ["--clean-urls", "--no-index"]);
    await ask(listed, "/guide");
    const hits = await hitsIn(listed, "/");
    assert.deepEqual([hits["guide.html"], hits.guide], [1, 0]);
  });

  test("with --spa the clean page comes before the app", async (t) => {
    const weir = await serve(t, SITE, ["--clean-urls", "--spa"]);
    assert.equal(await outcome(weir, "/about", { accept: BROWSER }), "200 about");
    assert.equal(await outcome(weir, "/abou", { accept: BROWSER }), "200 root");
  });

  test("without the switch pages keep their names", async (t) => {
    const weir = await serve(t, SITE, []);
    assert.match(await outcome(weir, "/about"), /^404 /);
    assert.equal(await outcome(weir, "/about.html"), "200 about");
  });
});

suite("an own 404.html", { concurrency: true }, () => {
  const page = `<h1>lost</h1>${" ".repeat(3000)}`;
  const tree = { "404.html": page, docs: { "a.txt": "a" } };

  test("is the page of a 404, is never kept and is no hit; JSON stays JSON", async (t) => {
    const weir = await serve(t, tree, ["--no-listing"]);
    for (const target of ["/nothing", "/docs/nothing.js", "//x", "/docs/", "/.hidden"]) {
      const response = await ask(weir, target, { accept: BROWSER });
      assert.equal(response.status, 404, target);
      assert.equal(response.body.toString(), page, target);
      assert.equal(field(response, "content-type"), "text/html; charset=utf-8");
      assert.equal(field(response, "cache-control"), "no-store");
      assert.match(field(response, "vary") ?? "", /^Accept\b/);
      assert.equal(field(response, "etag"), undefined);
    }
    const head = await ask(weir, "/nothing", { method: "HEAD" });
    assert.deepEqual([head.status, field(head, "content-length")], [404, String(page.length)]);
    const json = await ask(weir, "/nothing", { accept: "application/json" });
    assert.equal(field(json, "content-type"), "application/json");
    const listed = await serve(t, tree, []);
    await ask(listed, "/nothing");
    assert.equal((await hitsIn(listed, "/"))["404.html"], 0);
    assert.equal((await ask(listed, "/404.html")).status, 200);
  });

  test("is compressed like any page, and a range of it is the whole", async (t) => {
    const weir = await serve(t, tree, []);
    const fields = ["Accept-Encoding: gzip", "Range: bytes=0-1", "If-None-Match: *"];
    const response = await ask(weir, "/nothing", { fields });
    assert.equal(response.status, 404);
    assert.equal(field(response, "content-encoding"), "gzip");
    assert.match(field(response, "vary") ?? "", /Accept-Encoding/);
  });

  test("does not change other errors", async (t) => {
    const weir = await serve(t, tree, []);
    assert.match(await outcome(weir, "/x", { method: "POST" }), /^405 <!doctype/i);
    assert.match(await outcome(weir, "/%zz"), /^400 <!doctype/i);
  });

  test("is not taken when it is not served: by type, by link, as a folder, above 1 MiB", async (t) => {
    const linked = makeTempFolder(t);
    const outside = makeTempFolder(t);
    writeFileSync(join(outside, "secret.html"), "secret");
    symlinkSync(join(outside, "secret.html"), join(linked, "404.html"));
    const MIB = 1024 * 1024;
    const servers = await Promise.all([
      serve(t, tree, ["--types", "txt"]),
      startWeir(t, { dir: linked, args: NO_LIMIT }),
      serve(t, { "404.html": {} }, []),
      serve(t, { "404.html": "x".repeat(MIB + 1) }, []),
    ]);
    for (const weir of servers) {
      const response = await ask(weir, "/nothing");
      assert.equal(response.status, 404);
      assert.match(response.body.toString(), /There is nothing at this address/);
    }
    const large = await serve(t, { "404.html": "x".repeat(MIB) }, []);
    assert.equal((await ask(large, "/nothing")).body.length, MIB);
  });
});
