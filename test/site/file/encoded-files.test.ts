// Files that their author stored in a coding, from outside: `.svgz`, and what a rule says is encoded
// already, as the builds of game engines are. They are sent as they are, and say so.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { brotliCompressSync, gunzipSync, gzipSync, zstdCompressSync } from "node:zlib";
import { type Asked, ask, field, serve, serveWithFile } from "../../fixtures/ask-weir.ts";
import type { RawResponse } from "../../fixtures/raw-response.ts";

const SVG = `<svg xmlns="http://www.w3.org/2000/svg">${"<g/>".repeat(500)}</svg>`;
const WASM = Buffer.alloc(5000, "\0asm");
const SCRIPT = "let x = 1;\n".repeat(500);

const GAME = {
  "game.wasm.br": brotliCompressSync(WASM),
  "game.data.gz": gzipSync(WASM),
  "game.framework.js.gz": gzipSync(SCRIPT),
  "game.framework.js.gz.br": "a sibling of it",
  "game.symbols.json.zst": zstdCompressSync("{}".repeat(500)),
  packed: { "app.js": gzipSync(SCRIPT) },
  "source.tar.gz": gzipSync(WASM),
};
const RULES = [
  { path: "*.br", set: { "Content-Encoding": "br" } },
  { path: "*.wasm.br", set: { "Content-Encoding": "br", "Content-Type": "application/wasm" } },
  { path: "game.*.gz", set: { "Content-Encoding": "gzip" } },
  { path: "*.zst", set: { "content-encoding": "ZSTD" } },
  { path: "/packed/**", set: { "Content-Encoding": "gzip", "X-A": "b" } },
];

function accepting(codings: string, ...fields: string[]): Asked {
  return { fields: [`Accept-Encoding: ${codings}`, ...fields] };
}

/** What an answer says of its bytes. */
function formOf(response: RawResponse) {
  return {
    status: response.status,
    type: field(response, "content-type"),
    coding: field(response, "content-encoding"),
    vary: field(response, "vary"),
    length: Number(field(response, "content-length")),
  };
}

const ENCODED: readonly (readonly [target: string, type: string, coding: string, bytes: Buffer])[] =
  [
    ["/game.wasm.br", "application/wasm", "br", GAME["game.wasm.br"]],
    ["/game.data.gz", "application/octet-stream", "gzip", GAME["game.data.gz"]],
    [
      "/game.framework.js.gz",
      "text/javascript; charset=utf-8",
      "gzip",
      GAME["game.framework.js.gz"],
    ],
    ["/game.symbols.json.zst", "application/json", "zstd", GAME["game.symbols.json.zst"]],
    ["/packed/app.js", "text/javascript; charset=utf-8", "gzip", GAME.packed["app.js"]],
  ];

suite("a rule says that files are encoded already: what is sent", { concurrency: true }, () => {
  test("they are sent as they are with the type of what they decode to, and no other coding or sibling", async (t) => {
    for (const start of [
      () => serve(t, GAME, ["--headers", JSON.stringify(RULES)]),
      () => serveWithFile(t, GAME, { headers: RULES, compress: false }),
    ]) {
      const weir = await start();
      for (const [target, type, coding, bytes] of ENCODED) {
        const form = { status: 200, type, coding, vary: "Accept-Encoding", length: bytes.length };
        for (const how of [accepting("gzip, deflate, br, zstd"), accepting("*"), {}]) {
          const response = await ask(weir, target, how);
          assert.deepEqual(formOf(response), form, target);
          assert.ok(response.body.equals(bytes));
          const head = await ask(weir, target, { ...how, method: "HEAD" });
          assert.deepEqual(formOf(head), form, target);
        }
      }
    }
  });

  test("a client that does not take the coding gets the same bytes as a file to save, or 406 if it refuses that, too", async (t) => {
    const weir = await serve(t, GAME, ["--headers", JSON.stringify(RULES)]);
    const plainTypes: readonly (readonly [string, string, Buffer])[] = [
      ["/game.wasm.br", "application/octet-stream", GAME["game.wasm.br"]],
      ["/packed/app.js", "application/gzip", GAME.packed["app.js"]],
      ["/game.symbols.json.zst", "application/zstd", GAME["game.symbols.json.zst"]],
    ];
    for (const [target, type, bytes] of plainTypes) {
      for (const codings of ["identity", "deflate", "br;q=0, gzip;q=0, zstd;q=0"]) {
        const response = await ask(weir, target, accepting(codings));
        const form = { status: 200, type, coding: undefined, vary: "Accept-Encoding" };
        assert.deepEqual(formOf(response), { ...form, length: bytes.length });
        assert.ok(response.body.equals(bytes));
      }
      const refused = await ask(weir, target, accepting("identity;q=0, deflate"));
      assert.equal(refused.status, 406);
    }
  });
});

suite("a rule says that files are encoded already: what is told of it", {
  concurrency: true,
}, () => {
  test("each form has its own tag; 304, ranges and If-Range are of the encoded bytes", async (t) => {
    const weir = await serve(t, GAME, ["--headers", JSON.stringify(RULES)]);
    const target = "/game.wasm.br";
    const bytes = GAME["game.wasm.br"];
    const encoded = field(await ask(weir, target, accepting("br")), "etag");
    const plain = field(await ask(weir, target, accepting("identity")), "etag");
    assert.notEqual(encoded, plain);
    const unchanged = await ask(weir, target, accepting("br", `If-None-Match: ${encoded}`));
    assert.deepEqual([unchanged.status, field(unchanged, "vary")], [304, "Accept-Encoding"]);
    assert.equal((await ask(weir, target, accepting("br", `If-None-Match: ${plain}`))).status, 200);
    const range = accepting("br", "Range: bytes=2-5", `If-Range: ${encoded}`);
    const part = await ask(weir, target, range);
    assert.deepEqual([part.status, field(part, "content-encoding")], [206, "br"]);
    assert.equal(field(part, "content-range"), `bytes 2-5/${bytes.length}`);
    assert.ok(part.body.equals(bytes.subarray(2, 6)));
    const mixed = accepting("identity", "Range: bytes=2-5", `If-Range: ${encoded}`);
    assert.equal((await ask(weir, target, mixed)).status, 200);
  });

  test("listings, redirects and errors are not encoded by it, and other archives stay what they are", async (t) => {
    const weir = await serve(t, GAME, ["--headers", JSON.stringify(RULES)]);
    for (const [target, status] of [
      ["/packed/", 200],
      ["/packed", 301],
      ["/packed/absent.js", 404],
    ] as const) {
      const response = await ask(weir, target, accepting("br"));
      assert.deepEqual([response.status, field(response, "content-encoding")], [status, undefined]);
      assert.match(response.body.toString(), /^<!doctype html>/i);
    }
    const listing = await ask(weir, "/packed/", accepting("gzip"));
    assert.deepEqual([field(listing, "x-a"), field(listing, "content-encoding")], ["b", "gzip"]);
    assert.match(gunzipSync(listing.body).toString(), /^<!doctype html>/i);
    const archive = await ask(weir, "/source.tar.gz", accepting("gzip, br"));
    assert.equal(field(archive, "content-encoding"), undefined);
    assert.equal(field(archive, "content-type"), "application/gzip");
    const plain = await serve(t, GAME, []);
    const untold = await ask(plain, "/game.wasm.br", accepting("br"));
    assert.deepEqual(
      [field(untold, "content-encoding"), field(untold, "content-type")],
      [undefined, "application/octet-stream"],
    );
  });
});

test("an .svgz is an SVG in gzip where its bytes are one, and a text that is none stays an SVG", async (t) => {
  const gzip = gzipSync(SVG);
  const weir = await serve(
    t,
    { "a.svgz": gzip, "B.SVGZ": gzip, "plain.svgz": SVG, "empty.svgz": "" },
    [],
  );
  for (const target of ["/a.svgz", "/B.SVGZ"]) {
    for (const how of [accepting("gzip, br"), {}]) {
      const response = await ask(weir, target, how);
      assert.deepEqual(formOf(response), {
        status: 200,
        type: "image/svg+xml",
        coding: "gzip",
        vary: "Accept-Encoding",
        length: gzip.length,
      });
    }
    const saved = await ask(weir, target, accepting("identity"));
    assert.deepEqual(
      [field(saved, "content-type"), field(saved, "content-encoding")],
      ["application/gzip", undefined],
    );
    assert.ok(saved.body.equals(gzip));
  }
  const plain = await ask(weir, "/plain.svgz");
  assert.deepEqual(
    [field(plain, "content-type"), field(plain, "content-encoding"), plain.body.toString()],
    ["image/svg+xml", undefined, SVG],
  );
  const empty = await ask(weir, "/empty.svgz", accepting("gzip"));
  assert.deepEqual([empty.status, field(empty, "content-encoding")], [200, undefined]);
});
