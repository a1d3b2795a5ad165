// weir behind the proxies that people put in front of it: HAProxy and nginx as their packages come,
// with clients from several addresses. Each has its own limit, by whichever way the proxy tells, and
// nobody gets another by what it writes itself.

import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startHaproxy, startNginx } from "../fixtures/front-proxy.ts";
import { openClient } from "../fixtures/keep-alive-client.ts";
import { readJsonLog } from "../fixtures/log-lines.ts";
import { requireProgram } from "../fixtures/system-program.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";

const TRUST = ["--trust-proxy", "127.0.0.1"];
const FIRST = "127.0.0.2";
const SECOND = "127.0.0.3";
/** What a client would write that wants another limit with every request. */
const FORGED = [
  "X-Forwarded-For: 6.6.6.N\r\n",
  "Forwarded: for=6.6.6.N\r\n",
  "Forwarded: for=6.6.6.N\r\nX-Forwarded-For: 6.6.6.N\r\n",
  'Forwarded: for="6.6.6.N\r\n',
];

interface Site {
  readonly port: number;
  /** Ends weir and gives the addresses in its log. */
  readonly addresses: () => Promise<ReadonlySet<string>>;
}

async function serve(t: TestContext, ...args: string[]): Promise<Site> {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "content of a" });
  const logFile = join(makeTempFolder(t), "a.log");
  const log = ["--log", "json", "--log-file", logFile];
  const weir = await startWeir(t, { dir, args: ["--rate", "3/h", ...log, ...args] });
  const addresses = async () => {
    await weir.stop();
    return new Set(readJsonLog(logFile).lines.map(({ address }) => address));
  };
  return { port: weir.port, addresses };
}

/** Asks so often from this address, over one connection to the proxy: `200 200 200 429`. */
async function statusesOf(
  t: TestContext,
  port: number,
  localAddress: string,
  fields: readonly string[],
): Promise<string> {
  const client = await openClient(t, { port, localAddress });
  const statuses: number[] = [];
  for (const lines of fields) statuses.push((await client.ask("/a.txt", { fields: lines })).status);
  client.socket.destroy();
  return statuses.join(" ");
}

const plain = (times: number) => Array<string>(times).fill("");
const forged = (lines: string, times: number) =>
  Array.from({ length: times }, (_, index) => lines.replaceAll("N", String(index)));

/** Two clients through the proxy have each their own limit, and the log has their addresses. */
async function checkTwoClients(t: TestContext, port: number, site: Site): Promise<void> {
  assert.equal(await statusesOf(t, port, FIRST, plain(4)), "200 200 200 429");
  assert.equal(await statusesOf(t, port, SECOND, plain(2)), "200 200");
  assert.equal(await statusesOf(t, port, FIRST, plain(1)), "429");
  assert.equal(await statusesOf(t, port, SECOND, plain(2)), "200 429");
  assert.deepEqual(await site.addresses(), new Set([FIRST, SECOND]));
}

interface HaproxyWay {
  readonly name: string;
  readonly mode: "http" | "tcp";
  readonly frontend?: string;
  readonly server: string;
  readonly args: readonly string[];
}

const HAPROXY_WAYS: readonly HaproxyWay[] = [
  {
    name: "option forwardfor",
    mode: "http",
    frontend: "option forwardfor\n  http-request del-header Forwarded",
    server: "",
    args: TRUST,
  },
  {
    name: "option forwardfor, one connection for all",
    mode: "http",
    frontend: "option forwardfor",
    server: "maxconn 1",
    args: TRUST,
  },
  { name: "send-proxy", mode: "tcp", server: "send-proxy", args: [...TRUST, "--proxy-protocol"] },
  {
    name: "send-proxy-v2",
    mode: "tcp",
    server: "send-proxy-v2",
    args: [...TRUST, "--proxy-protocol"],
  },
  {
    name: "send-proxy-v2 in mode http, with TLVs and health checks",
    mode: "http",
    frontend: "option forwardfor",
    server: "send-proxy-v2 proxy-v2-options unique-id,crc32c check inter 50ms check-send-proxy",
    args: [...TRUST, "--proxy-protocol"],
  },
];

function startHaproxyBefore(t: TestContext, path: string, way: HaproxyWay, weirPort: number) {
  return startHaproxy(
    t,
    path,
    (port) => `defaults
  mode ${way.mode}
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend public
  bind 127.0.0.1:${port}
  ${way.mode === "http" ? "unique-id-format %{+X}o%ci:%cp_%rt" : ""}
  ${way.frontend ?? ""}
  default_backend weir
backend weir
  server one 127.0.0.1:${weirPort} ${way.server}
`,
  );
}

for (const way of HAPROXY_WAYS) {
  test(`HAProxy with ${way.name}: two clients have each their own limit [3/h]`, async (t) => {
    const path = requireProgram(t, "haproxy", "haproxy");
    if (path === undefined) return;
    const site = await serve(t, ...way.args);
    const port = await startHaproxyBefore(t, path, way, site.port);
    await checkTwoClients(t, port, site);
  });

  test(`HAProxy with ${way.name}: forged fields bring nobody another limit [3/h]`, async (t) => {
    const path = requireProgram(t, "haproxy", "haproxy");
    if (path === undefined) return;
    const site = await serve(t, ...way.args);
    const port = await startHaproxyBefore(t, path, way, site.port);
    for (const lines of FORGED) await statusesOf(t, port, FIRST, forged(lines, 10));
    assert.equal(await statusesOf(t, port, FIRST, plain(1)), "429");
    const addresses = await site.addresses();
    // Its own, and the proxy's for what contradicts itself.
    assert.ok(addresses.isSubsetOf(new Set([FIRST, "127.0.0.1"])), [...addresses].join(" "));
  });
}

function startNginxBefore(t: TestContext, path: string, forwarding: string, weirPort: number) {
  return startNginx(
    t,
    path,
    (port) => `upstream weir { server 127.0.0.1:${weirPort}; keepalive 1; }
server {
  listen 127.0.0.1:${port};
  location / {
    proxy_pass http://weir;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    ${forwarding}
  }
}`,
  );
}

const NGINX_FIELD = "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;";

test("nginx with X-Forwarded-For: two clients have each their own limit [3/h]", async (t) => {
  const path = requireProgram(t, "nginx", "nginx-light");
  if (path === undefined) return;
  const site = await serve(t, ...TRUST);
  const port = await startNginxBefore(t, path, NGINX_FIELD, site.port);
  await checkTwoClients(t, port, site);
});

test("nginx with X-Forwarded-For, as README.md has it: forged fields change nothing [3/h]", async (t) => {
  const path = requireProgram(t, "nginx", "nginx-light");
  if (path === undefined) return;
  const site = await serve(t, ...TRUST);
  const clean = `${NGINX_FIELD} proxy_set_header Forwarded "";`;
  const port = await startNginxBefore(t, path, clean, site.port);
  const statuses: string[] = [];
  for (const lines of FORGED) statuses.push(await statusesOf(t, port, FIRST, forged(lines, 3)));
  assert.deepEqual(statuses, ["200 200 200", "429 429 429", "429 429 429", "429 429 429"]);
  assert.deepEqual(await site.addresses(), new Set([FIRST]));
});

test("nginx that lets Forwarded pass: who forges it shares the proxy's limit, no third [3/h]", async (t) => {
  const path = requireProgram(t, "nginx", "nginx-light");
  if (path === undefined) return;
  const site = await serve(t, ...TRUST);
  const port = await startNginxBefore(t, path, NGINX_FIELD, site.port);
  const lines = "Forwarded: for=6.6.6.N\r\n";
  assert.equal(await statusesOf(t, port, FIRST, forged(lines, 5)), "200 200 200 429 429");
  assert.equal(await statusesOf(t, port, SECOND, forged(lines, 2)), "429 429");
  assert.equal(await statusesOf(t, port, FIRST, plain(4)), "200 200 200 429");
  assert.deepEqual(await site.addresses(), new Set([FIRST, "127.0.0.1"]));
});

test("without --trust-proxy all clients of a proxy are one, whatever it tells [nginx, 3/h]", async (t) => {
  const path = requireProgram(t, "nginx", "nginx-light");
  if (path === undefined) return;
  const site = await serve(t);
  const port = await startNginxBefore(t, path, NGINX_FIELD, site.port);
  assert.equal(await statusesOf(t, port, FIRST, plain(2)), "200 200");
  assert.equal(await statusesOf(t, port, SECOND, plain(2)), "200 429");
  assert.deepEqual(await site.addresses(), new Set(["127.0.0.1"]));
});
