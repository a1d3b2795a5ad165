// systemd's own program that opens sockets for services, without a systemd that runs: it starts weir when
// the first connection comes.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { watchChild } from "../fixtures/activated-weir.ts";
import { findFreePort } from "../fixtures/free-port.ts";
import { openRawConnection } from "../fixtures/raw-client.ts";
import { requireProgram } from "../fixtures/system-program.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { cleanEnvironment, WEIR_BIN } from "../fixtures/weir-process.ts";

const REQUEST = "GET /a.txt HTTP/1.1\r\nHost: weir.test\r\nConnection: close\r\n\r\n";
const OPTIONS = ["--rate", "off", "--state", "memory", "--log", "off", "--workers", "2"];

test("systemd's own systemd-socket-activate starts weir with the first connection", async (t) => {
  const program = requireProgram(t, "systemd-socket-activate", "systemd");
  if (program === undefined) return;
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "content of a" });
  const port = await findFreePort();
  const command = [process.execPath, WEIR_BIN, "serve", dir, ...OPTIONS];
  const child = spawn(program, ["--listen", `127.0.0.1:${port}`, ...command], {
    env: cleanEnvironment(process.env, {}),
    stdio: ["ignore", "ignore", "pipe"],
  });
  t.after(() => child.kill("SIGKILL"));
  const started = watchChild(child);
  const response = await requestPatiently(port);
  assert.match(response, /^HTTP\/1\.1 200 /);
  const weir = await started;
  assert.equal(weir.url, `http://127.0.0.1:${port}`, weir.stderr());
  assert.equal(await weir.stop(), 0);
});

/** The program may not listen yet: it has no way to tell. */
async function requestPatiently(port: number): Promise<string> {
  for (;;) {
    try {
      const connection = await openRawConnection({ port });
      await connection.send(REQUEST);
      await connection.waitFor({ kind: "closed" }, ["GET"], 10_000);
      return connection.bytes.toString();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
