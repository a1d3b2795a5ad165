// How long `weir get` waits: for a server that refuses for now as long as it says, within bounds, and
// for one that is silent no longer than it is told.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { startFragileSite } from "../fixtures/fragile-site.ts";
import { runWeir } from "../fixtures/run-weir.ts";
import { startScriptedServer } from "../fixtures/scripted-server.ts";
import { makeTempFolder } from "../fixtures/temp-folder.ts";

test("429 and 503 are waited for as they tell, and said [in seconds, as a date]", async (t) => {
  const folder = makeTempFolder(t);
  const date = new Date(Date.now() + 1000).toUTCString();
  const refusals = [
    { status: 429, fields: { "retry-after": "0" } },
    { status: 503, fields: { "retry-after": date } },
  ];
  const site = await startFragileSite(t, { refusals });
  const run = await runWeir(t, ["get", site.url, folder]);
  assert.match(
    run.stderr,
    /^HTTP 429 Too Many Requests: waiting 0 s, as the server asks \(1 of 5\)\nHTTP 503 Service Unavailable: waiting [\d.]+ s, as the server asks \(2 of 5\)\nsaved /,
  );
  assert.deepEqual([run.code, site.requests.length], [0, 3]);
});

test("a wait beyond --max-wait, a 503 without a time and --retries 0 end at once", async (t) => {
  const site = await startFragileSite(t);
  for (const [status, fields, args] of [
    [429, { "retry-after": "3600" }, []],
    [429, { "retry-after": "2" }, ["--max-wait", "1"]],
    [503, {}, []],
    [429, { "retry-after": "0" }, ["--retries", "0"]],
  ] as const) {
    site.refusals.push({ status, fields: { ...fields } });
    const before = site.requests.length;
    const run = await runWeir(t, ["get", site.url, makeTempFolder(t), ...args]);
    assert.match(run.stderr, new RegExp(`^HTTP ${status} .*\\n`));
    assert.deepEqual([run.code, site.requests.length - before], [1, 1]);
  }
});

test("--timeout bounds silence and not the whole: a byte now and then is progress", async (t) => {
  const folder = makeTempFolder(t);
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "image/png", "content-length": 12 });
    let left = 12;
    const drip = setInterval(() => {
      response.write("x");
      if (--left === 0) clearInterval(drip);
    }, 100);
    response.on("close", () => clearInterval(drip));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/a.bin`;
  const run = await runWeir(t, ["get", url, folder, "--timeout", "900ms"]);
  assert.deepEqual([run.code, readdirSync(folder)], [0, ["a.bin"]], run.stderr);
});

test("a server that accepts and says nothing, and one that stops in its head, are left after --timeout", async (t) => {
  for (const text of ["", "HTTP/1.1 200 OK\r\nContent-"]) {
    const { port } = await startScriptedServer(t, (socket) => socket.write(text));
    for (const head of [[], ["--head"]]) {
      const url = `http://127.0.0.1:${port}/a.bin`;
      const run = await runWeir(t, ["get", url, ...head, "--timeout", "0.3"]);
      assert.match(
        run.stderr,
        /^weir: cannot get ".*": nothing came .* after 0\.3 s; see --timeout\n$/,
      );
      assert.equal(run.code, 1);
    }
  }
});
