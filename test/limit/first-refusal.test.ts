// The line on stderr at the first refusal: it names the client and the flag that helps, once in a run,
// whichever of the threads refuses.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { waitUntil } from "../fixtures/process-facts.ts";
import { rawExchange } from "../fixtures/raw-client.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir, type WeirProcess } from "../fixtures/weir-process.ts";

const NOTICE = /^weir: (\S+) has reached the limit of (\S+) and gets 429; .*$/gm;

async function serve(t: TestContext, ...args: string[]): Promise<WeirProcess> {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "a" });
  return startWeir(t, { dir, args });
}

async function statusOf(weir: WeirProcess, localAddress: string, field = ""): Promise<number> {
  const send = `GET /a.txt HTTP/1.1\r\nHost: a\r\n${field}Connection: close\r\n\r\n`;
  const { responses } = await rawExchange({ port: weir.port, localAddress, send });
  return responses[0]?.status ?? 0;
}

function noticesOf(weir: WeirProcess): string[] {
  return [...weir.stderr().matchAll(NOTICE)].map(([line]) => line);
}

test("many refusals of several clients by four threads are told in one line [--rate 1/h]", async (t) => {
  const weir = await serve(t, "--rate", "1/h", "--workers", "4");
  assert.equal(await statusOf(weir, "127.0.0.2"), 200);
  assert.deepEqual(noticesOf(weir), []);
  assert.equal(await statusOf(weir, "127.0.0.2"), 429);
  await waitUntil("the notice is there", () => noticesOf(weir).length > 0);
  const clients = Array.from({ length: 40 }, (_, index) => `127.0.0.${3 + (index % 4)}`);
  const statuses = await Promise.all(clients.map((client) => statusOf(weir, client)));
  assert.equal(statuses.filter((status) => status === 429).length, 36);
  await weir.stop();
  const [line, ...others] = noticesOf(weir);
  assert.deepEqual(others, []);
  assert.match(line ?? "", /^weir: 127\.0\.0\.2 has reached the limit of 1\/h and gets 429/);
  assert.match(line ?? "", /--rate.*--exempt local\)$/);
});

test("where a proxy that is not trusted is refused, its flag is named", async (t) => {
  const weir = await serve(t, "--rate", "1/15m", "--workers", "1");
  const field = "X-Forwarded-For: 192.0.2.7\r\n";
  assert.equal(await statusOf(weir, "127.0.0.1", field), 200);
  assert.equal(await statusOf(weir, "127.0.0.1", field), 429);
  await weir.stop();
  assert.match(noticesOf(weir).join("\n"), /limit of 1\/15m .*--trust-proxy local\)$/);
});

test("a client behind a trusted proxy is named itself, with its own word", async (t) => {
  const weir = await serve(t, "--rate", "1/h", "--workers", "1", "--trust-proxy", "local");
  const field = "X-Forwarded-For: 192.0.2.7\r\n";
  assert.equal(await statusOf(weir, "127.0.0.1", field), 200);
  assert.equal(await statusOf(weir, "127.0.0.1", field), 429);
  await weir.stop();
  assert.match(noticesOf(weir).join("\n"), /^weir: 192\.0\.2\.7 .*--exempt 192\.0\.2\.7\)$/);
});

test("without refusals nothing is told [--rate 5/m, --rate off, an exempt client]", async (t) => {
  for (const args of [
    ["--rate", "5/m"],
    ["--rate", "off"],
    ["--rate", "1/h", "--exempt", "local"],
  ]) {
    const weir = await serve(t, ...args, "--workers", "1");
    for (let asked = 0; asked < 3; asked++) assert.equal(await statusOf(weir, "127.0.0.1"), 200);
    await weir.stop();
    assert.deepEqual(noticesOf(weir), []);
  }
});
