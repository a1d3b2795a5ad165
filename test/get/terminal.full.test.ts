// `weir get` as a person sees it on a terminal: a line of progress for what takes longer than a moment,
// gone when it is done. The terminal is a real one, made by `script`.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { requireProgram } from "../fixtures/system-program.ts";
import { makeTempFolder } from "../fixtures/temp-folder.ts";
import { cleanEnvironment, WEIR_BIN } from "../fixtures/weir-process.ts";

const ERASE_LINE = "\r\u001b[K";
const PIECES = 25;
const PIECE_BYTES = 40_000;

/** Sends a megabyte in two and a half seconds. */
async function startSlowServer(t: TestContext): Promise<string> {
  const server = createServer((_request, response) => {
    const length = PIECES * PIECE_BYTES;
    response.writeHead(200, { "content-type": "image/png", "content-length": length, etag: '"1"' });
    let left = PIECES;
    const drip = setInterval(() => {
      response.write(Buffer.alloc(PIECE_BYTES, left));
      if (--left === 0) clearInterval(drip);
    }, 100);
    response.on("close", () => clearInterval(drip));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/slow.png`;
}

async function run(program: string, args: readonly string[]): Promise<string> {
  const env = cleanEnvironment(process.env, { TERM: "xterm-256color", SHELL: "/bin/sh" });
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
  }
  const [code] = await once(child, "close");
  assert.equal(code, 0, text);
  return text;
}

test("a slow download shows bytes, share, rate and time left, and leaves one line", async (t) => {
  const script = requireProgram(t, "script", "bsdutils");
  if (script === undefined) return;
  const folder = makeTempFolder(t);
  const url = await startSlowServer(t);
  const command = [process.execPath, WEIR_BIN, "get", url, folder].join(" ");
  const text = await run(script, ["-qec", command, "/dev/null"]);
  const drawn = text.split(ERASE_LINE).slice(1, -1);
  assert.ok(drawn.length >= 3, text);
  for (const line of drawn) {
    assert.match(line, /KiB of 976\.6 KiB {2}\d+ % {2}[\d.]+ KiB\/s {2}\d+ s left$/);
  }
  // The last thing drawn is nothing, and then the result.
  assert.match(text.split(ERASE_LINE).at(-1)!, /^saved .*slow\.png \(1000000 bytes\)\r?\n$/);
  assert.equal(readFileSync(join(folder, "slow.png")).length, PIECES * PIECE_BYTES);
});

test("without a terminal a slow download shows only what came of it", async (t) => {
  const folder = makeTempFolder(t);
  const url = await startSlowServer(t);
  const text = await run(process.execPath, [WEIR_BIN, "get", url, folder]);
  assert.equal(text, `saved ${join(folder, "slow.png")} (1000000 bytes)\n`);
});
