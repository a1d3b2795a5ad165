// A client that stops reading for a while, behind proxies that hold little: they stop taking from weir as
// long as the client does, and no longer than a person waits. All of it arrives, and the connection to
// the proxy stays usable.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { Agent, get, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { startHaproxy, startNginx, startVarnish } from "../fixtures/front-proxy.ts";
import { requireProgram } from "../fixtures/system-program.ts";
import { makeTempFolder } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";

/** More than all sockets and buffers on the way hold together. */
const FILE_BYTES = 48 * 1024 * 1024;
/** Longer than most servers have patience. */
const PAUSE_MS = 35_000;

function makeContent(): Buffer {
  const content = Buffer.alloc(FILE_BYTES);
  for (let at = 0; at < FILE_BYTES; at += 4) content.writeUInt32LE((at * 2654435761) >>> 0, at);
  return content;
}

type StartProxy = (t: TestContext, weirPort: number) => Promise<number | undefined>;

const startSmallNginx: StartProxy = async (t, weirPort) => {
  const path = requireProgram(t, "nginx", "nginx-light");
  if (path === undefined) return undefined;
  return startNginx(
    t,
    path,
    (port) => `upstream weir { server 127.0.0.1:${weirPort}; keepalive 4; }
server { listen 127.0.0.1:${port};
  location / { proxy_pass http://weir; proxy_http_version 1.1; proxy_set_header Connection "";
    proxy_max_temp_file_size 1m; proxy_temp_file_write_size 64k; proxy_read_timeout 120s; send_timeout 120s; } }`,
  );
};

const startSmallHaproxy: StartProxy = async (t, weirPort) => {
  const path = requireProgram(t, "haproxy", "haproxy");
  if (path === undefined) return undefined;
  return startHaproxy(
    t,
    path,
    (port) => `defaults
  mode http
  timeout connect 5s
  timeout client 120s
  timeout server 120s
listen public
  bind 127.0.0.1:${port}
  http-reuse always
  server weir 127.0.0.1:${weirPort}
`,
  );
};

const startSmallVarnish: StartProxy = async (t, weirPort) => {
  const path = requireProgram(t, "varnishd", "varnish");
  if (path === undefined) return undefined;
  return startVarnish(
    t,
    path,
    // Passed on it would go whole into Varnish's memory; a pipe holds only what is on its way.
    () => `vcl 4.1;
backend weir { .host = "127.0.0.1"; .port = "${weirPort}"; .between_bytes_timeout = 120s; }
sub vcl_recv { return (pipe); }
`,
    ["-s", "malloc,16m", "-p", "pipe_timeout=120"],
  );
};

async function ask(agent: Agent, port: number, path: string): Promise<IncomingMessage> {
  const request = get({ agent, host: "127.0.0.1", port, path });
  const [response] = (await once(request, "response")) as [IncomingMessage];
  return response;
}

/** The digest of the body, with a pause after the first bytes of it. */
async function readWithPause(response: IncomingMessage): Promise<string> {
  const hash = createHash("sha256");
  let isPaused = false;
  for await (const chunk of response) {
    hash.update(chunk as Buffer);
    if (isPaused) continue;
    isPaused = true;
    await wait(PAUSE_MS);
  }
  return hash.digest("hex");
}

test(`a reader that stops for ${PAUSE_MS / 1000} s behind nginx, HAProxy, Varnish gets all of it`, async (t) => {
  const dir = makeTempFolder(t);
  const content = makeContent();
  writeFileSync(join(dir, "large.bin"), content);
  writeFileSync(join(dir, "a.txt"), "a");
  const expected = createHash("sha256").update(content).digest("hex");
  const weir = await startWeir(t, { dir, args: ["--rate", "off", "--workers", "2"] });
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const starts = [startSmallNginx, startSmallHaproxy, startSmallVarnish];
  const ports = await Promise.all(starts.map((start) => start(t, weir.port)));
  await Promise.all(
    ports.map(async (port) => {
      if (port === undefined) return;
      const response = await ask(agent, port, "/large.bin");
      assert.equal(response.statusCode, 200);
      assert.equal(await readWithPause(response), expected);
      const next = await ask(agent, port, "/a.txt");
      assert.equal(next.statusCode, 200);
      assert.equal(String(await next.toArray()), "a");
    }),
  );
});
