// Thousands of clients that ask for much and read nothing, of a server that may use little memory. Both
// are put into a network of their own, whose sockets have small buffers: otherwise the kernel would hold
// gigabytes.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { makeMemoryGroup } from "../fixtures/memory-group.ts";
import { waitUntil } from "../fixtures/process-facts.ts";
import { requireProgram } from "../fixtures/system-program.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { READY_LINE, WEIR_BIN } from "../fixtures/weir-process.ts";

const CLIENTS = fileURLToPath(new URL("../fixtures/stalled-clients.ts", import.meta.url));
const MIB = 1024 * 1024;
const PORT = 8001;
const ADMIN_PORT = 8002;
/** Network, buffers and memory of the process, which then becomes the program. */
const ENTER = `ip link set lo up && echo "4096 16384 65536" > /proc/sys/net/ipv4/tcp_wmem &&
echo "4096 16384 65536" > /proc/sys/net/ipv4/tcp_rmem && echo $$ > "$0" && exec "$@"`;

interface Found {
  readonly status: number;
  readonly unreadBytes: number;
  readonly unreadBytesMax: number;
  readonly ended: number;
  readonly openCount: number;
}

interface Case {
  readonly name: string;
  readonly limitBytes: number;
  readonly count: number;
  /** Lines of the heads that each client sends, with "|" for their ends. */
  readonly heads: string;
  readonly mayEnd: boolean;
}

const GET_FILE = "GET /large.bin HTTP/1.1|Host: a||";
const CASES: readonly Case[] = [
  {
    name: "2,000 downloads of a large file live in 300 MB",
    limitBytes: 300 * MIB,
    count: 2000,
    heads: GET_FILE,
    mayEnd: false,
  },
  {
    name: "2,000 downloads: the server lives in 150 MB, and ends some",
    limitBytes: 150 * MIB,
    count: 2000,
    heads: GET_FILE,
    mayEnd: true,
  },
  {
    name: "2,000 times many small answers that came together: the server lives in 200 MB",
    limitBytes: 200 * MIB,
    count: 2000,
    heads: "GET /page.bin HTTP/1.1|Host: a||".repeat(20),
    mayEnd: true,
  },
  {
    name: "2,000 times several ranges, over and over: the server lives in 300 MB",
    limitBytes: 300 * MIB,
    count: 2000,
    heads: "GET /large.bin HTTP/1.1|Host: a|Range: bytes=0-9000000,9900000-||".repeat(2),
    mayEnd: false,
  },
];

/** Runs to the end of what the clients find; ends the server and checks that it did so in order. */
async function measure(
  t: TestContext,
  unshare: string,
  nsenter: string,
  { limitBytes, count, heads }: Case,
) {
  const group = makeMemoryGroup(t, limitBytes);
  if (group === undefined) return undefined;
  const dir = makeTempFolder(t);
  writeTree(dir, {
    "a.txt": "a",
    "large.bin": Buffer.alloc(20 * MIB, "x"),
    "page.bin": Buffer.alloc(60_000, "y"),
  });
  const args = [WEIR_BIN, "serve", dir, "--port", String(PORT), "--host", "127.0.0.1"];
  const flags = ["--rate", "off", "--state", "memory", "--log", "off", "--workers", "2"];
  const admin = ["--admin", `127.0.0.1:${ADMIN_PORT}`];
  const server = spawn(
    unshare,
    [
      "--net",
      "sh",
      "-c",
      ENTER,
      group.processesFile,
      process.execPath,
      ...args,
      ...flags,
      ...admin,
    ],
    { cwd: makeTempFolder(t), stdio: ["ignore", "ignore", "pipe"] },
  );
  t.after(() => server.kill("SIGKILL"));
  let stderr = "";
  server.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  await waitUntil("weir is ready", () => READY_LINE.test(stderr) || server.exitCode !== null);
  const own = join("/proc", String(server.pid), "ns/net");
  const clients = spawn(
    nsenter,
    [
      `--net=${own}`,
      process.execPath,
      CLIENTS,
      String(PORT),
      String(ADMIN_PORT),
      String(count),
      heads,
    ],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  t.after(() => clients.kill("SIGKILL"));
  const [line] = (await Promise.race([
    once(clients.stdout.setEncoding("utf8"), "data"),
    once(server, "close").then(() => {
      throw new Error(`the server ended: ${stderr}`);
    }),
  ])) as [string];
  const peakBytes = group.readPeakBytes();
  clients.stdin.end();
  await once(clients, "close");
  server.kill("SIGTERM");
  const [code] = await once(server, "close");
  assert.equal(code, 0);
  return { found: JSON.parse(line) as Found, peakBytes, stderr };
}

for (const one of CASES) {
  test(`${one.name}, and others are answered`, async (t) => {
    const unshare = requireProgram(t, "unshare", "util-linux");
    const nsenter = requireProgram(t, "nsenter", "util-linux");
    const ip = requireProgram(t, "ip", "iproute2");
    if (unshare === undefined || nsenter === undefined || ip === undefined) return;
    const measured = await measure(t, unshare, nsenter, one);
    if (measured === undefined) return;
    const { found, peakBytes, stderr } = measured;
    t.diagnostic(`${JSON.stringify(found)}, ${Math.round(peakBytes / MIB)} MiB at most`);
    assert.equal(found.status, 200);
    assert.ok(found.unreadBytes <= found.unreadBytesMax);
    assert.ok(found.unreadBytes > 0);
    if (one.mayEnd) assert.equal(stderr.split("\n").length - 1, found.ended > 0 ? 2 : 1, stderr);
    else assert.equal(found.ended, 0);
  });
}
