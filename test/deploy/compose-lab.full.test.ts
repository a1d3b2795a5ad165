// The lab of compose.yaml without a container engine: the very commands of its services, on this machine,
// with the request tester against each. Ten requests of half a second take ten times as long one at a
// time as side by side.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { parseDocument } from "yaml";
import { findFreePort } from "../fixtures/free-port.ts";
import { runWeir } from "../fixtures/run-weir.ts";
import { startWeir } from "../fixtures/weir-process.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

interface Compose {
  readonly services: Readonly<Record<string, { readonly command: readonly string[] }>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

const text = readFileSync(join(ROOT, "compose.yaml"), "utf8");
const compose = parseDocument(text, { merge: true }).toJS() as Compose;
const passwordFile = join(ROOT, compose.secrets["lab-password"]!.file);
const password = readFileSync(passwordFile, "utf8").trim();

/** The service's command, with this machine's places instead of the container's. */
async function startService(
  t: TestContext,
  name: string,
): Promise<{ readonly port: number; readonly adminUrl: string }> {
  const { command } = compose.services[name]!;
  assert.deepEqual(command.slice(0, 2), ["serve", "/srv"]);
  const adminPort = await findFreePort();
  const args = command.slice(2).map((word) =>
    word
      .replace(/^--port=\d+$/, "--port=0")
      .replace(/^(--admin=[\d.]+):\d+$/, `$1:${adminPort}`)
      .replace("/run/secrets/lab-password", passwordFile),
  );
  const weir = await startWeir(t, { dir: join(ROOT, "examples/public"), args });
  return { port: weir.port, adminUrl: `http://127.0.0.1:${adminPort}/` };
}

/** `requesttest HOST PORT /welcome.html 10`, in seconds. */
async function timeTenRequests(t: TestContext, port: number): Promise<number> {
  const run = await runWeir(t, ["load", "127.0.0.1", String(port), "/welcome.html", "10"]);
  assert.match(run.stdout, /^Total requests: 10\nSuccessful: 10\nFailed: 0\n/, run.stderr);
  return Number(/^Total time: (\S+) s$/m.exec(run.stdout)?.[1]);
}

test("ten requests of half a second: 5 s one at a time, far less side by side", async (t) => {
  const single = await startService(t, "lab-single");
  const server = await startService(t, "lab-server");
  const serverSeconds = await timeTenRequests(t, server.port);
  const singleSeconds = await timeTenRequests(t, single.port);
  assert.ok(singleSeconds >= 5, `${singleSeconds} s one at a time`);
  assert.ok(serverSeconds >= 0.5, `${serverSeconds} s side by side`);
  // A tenth of it on a machine that is free; a busy one may take a while longer.
  assert.ok(serverSeconds < singleSeconds / 2, `${serverSeconds} s and ${singleSeconds} s`);

  for (const { adminUrl } of [single, server]) {
    assert.equal((await fetch(adminUrl)).status, 401);
    const authorization = `Basic ${Buffer.from(`anyone:${password}`).toString("base64")}`;
    const response = await fetch(adminUrl, { headers: { authorization } });
    assert.equal(response.status, 200);
    assert.match(await response.text(), /<!doctype html>/i);
  }
});
