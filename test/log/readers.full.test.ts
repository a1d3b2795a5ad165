// The access log and the programs that read and move it: GoAccess counts what was answered, logrotate
// rotates the file while it is written to.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { formatDroppedRemark } from "../../src/log/line.ts";
import { BusyClients, numbersOf, parseJsonLog } from "../fixtures/log-lines.ts";
import { requestOnce } from "../fixtures/one-request.ts";
import { waitUntil } from "../fixtures/process-facts.ts";
import { rawExchange } from "../fixtures/raw-client.ts";
import { requireProgram } from "../fixtures/system-program.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";

const run = promisify(execFile);

/** User agents that have broken readers of logs. */
const STRANGE_AGENTS = [
  'agent "with" quotes',
  "back\\slash",
  "tab\tand \xe4\xff\x80",
  "] [ - - %h %t",
  "'; DROP TABLE log; --",
  "{{7*7}} $" + "{jndi:ldap://a.test/x}",
  "x".repeat(1000),
];

/** Files of known sizes, and how often each is asked for; none that GoAccess counts as static. */
const SIZES = { "one.page": 1, "page.html": 1000, "large.bin": 300_000 } as const;
const TIMES = { "one.page": 40, "page.html": 25, "large.bin": 3 } as const;

interface Metric {
  readonly data: string;
  readonly hits: { readonly count: number };
  readonly bytes?: { readonly count: number };
  readonly items?: readonly Metric[];
}

interface GoAccessReport {
  readonly general: {
    readonly total_requests: number;
    readonly valid_requests: number;
    readonly failed_requests: number;
    readonly bandwidth: number;
  };
  readonly requests: { readonly data: readonly Metric[] };
  readonly not_found: { readonly data: readonly Metric[] };
  readonly status_codes: { readonly data: readonly Metric[] };
}

async function readWithGoAccess(
  t: TestContext,
  goaccess: string,
  log: string,
): Promise<GoAccessReport> {
  const report = join(makeTempFolder(t), "report.json");
  const args = [log, "--log-format=COMBINED", "--no-global-config", "--no-progress", "-o", report];
  await run(goaccess, args);
  return JSON.parse(readFileSync(report, "utf8")) as GoAccessReport;
}

/** Hits by name; those of one name by several methods stand apart in the report. */
function hitsOf(metrics: readonly Metric[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { data, hits } of metrics) sums[data] = (sums[data] ?? 0) + hits.count;
  return sums;
}

test("GoAccess counts the requests, statuses and bytes that there were [strange user agents]", async (t) => {
  const goaccess = requireProgram(t, "goaccess", "goaccess");
  if (goaccess === undefined) return;
  const dir = makeTempFolder(t);
  const path = join(makeTempFolder(t), "access.log");
  for (const [name, size] of Object.entries(SIZES)) writeTree(dir, { [name]: "x".repeat(size) });
  const args = ["--log", "combined", "--log-file", path, "--rate", "off", "--no-compress"];
  const weir = await startWeir(t, { dir, args });
  let bodyBytes = 0;
  const ask = async (target: string, agent: string, method = "GET"): Promise<void> => {
    const fields = { "User-Agent": agent, Referer: "http://a.test/from" };
    bodyBytes += (await requestOnce(weir.port, target, { method, fields })).body.length;
  };
  let askedCount = 0;
  for (const [name, times] of Object.entries(TIMES)) {
    for (let left = times; left > 0; left--) {
      await ask(`/${name}`, STRANGE_AGENTS[askedCount++ % STRANGE_AGENTS.length] as string);
    }
  }
  await ask("/one.page", "agent", "HEAD");
  for (let left = 4; left > 0; left--) await ask("/absent%22%5c", "agent");
  const refused = await rawExchange({ port: weir.port, send: "GET /a b c\r\n\r\n" });
  bodyBytes += refused.responses[0]?.body.length ?? 0;
  await weir.stop();
  appendFileSync(path, formatDroppedRemark(5, "combined", 0));

  const report = await readWithGoAccess(t, goaccess, path);
  const { general } = report;
  // The remark is a comment; the request that could not be read is one, with "-" for its line.
  const counts = [general.total_requests, general.valid_requests, general.failed_requests];
  assert.deepEqual(counts, [74, 74, 0]);
  assert.equal(general.bandwidth, bodyBytes);
  const statuses = report.status_codes.data.flatMap(({ items = [] }) => items);
  const byCode = statuses.map(({ data, hits }) => [data.slice(0, 3), hits.count]);
  assert.deepEqual(Object.fromEntries(byCode), { 200: 69, 400: 1, 404: 4 });
  assert.deepEqual(hitsOf(report.requests.data), {
    "/one.page": 41,
    "/page.html": 25,
    "/large.bin": 3,
    "-": 1,
  });
  const bytes = report.requests.data.map(({ data, bytes }) => [data, bytes?.count]);
  assert.equal(Object.fromEntries(bytes)["/large.bin"], 3 * SIZES["large.bin"]);
  assert.equal(report.not_found.data[0]?.hits.count, 4);
});

/** What Debian's packages put into /etc/logrotate.d, for this one file. */
function formatRotation(log: string, pid: number): string {
  return `${log} {
  rotate 20
  missingok
  compress
  delaycompress
  nocreate
  postrotate
    kill -HUP ${pid}
  endscript
}
`;
}

test("logrotate moves and compresses the log under load, and no line is lost [6 rotations]", async (t) => {
  const logrotate = requireProgram(t, "logrotate", "logrotate");
  if (logrotate === undefined) return;
  const dir = makeTempFolder(t);
  const folder = makeTempFolder(t);
  const path = join(folder, "access.log");
  writeTree(dir, { "a.txt": "a" });
  const args = ["--log", "json", "--log-file", path, "--rate", "off", "--workers", "2"];
  const weir = await startWeir(t, { dir, args });
  const config = join(makeTempFolder(t), "logrotate.conf");
  writeFileSync(config, formatRotation(path, weir.child.pid as number), { mode: 0o600 });
  const clients = new BusyClients();
  await clients.start(t, weir.port, 16);
  for (let rotation = 0; rotation < 6; rotation++) {
    await clients.untilAnswered(300);
    await run(logrotate, ["--force", "--state", `${config}.state`, config]);
    // Until the server has opened the log again there is none to rotate.
    await waitUntil("there is a log again", () => existsSync(path));
  }
  await clients.untilAnswered(300);
  await clients.stop();
  assert.equal((await weir.stop()).code, 0);
  const files = readdirSync(folder).sort();
  assert.deepEqual(files, [
    "access.log",
    "access.log.1",
    ...[2, 3, 4, 5, 6].map((age) => `access.log.${age}.gz`),
  ]);
  const lines = files.flatMap((file) => {
    const content = readFileSync(join(folder, file));
    return parseJsonLog((file.endsWith(".gz") ? gunzipSync(content) : content).toString()).lines;
  });
  assert.deepEqual(numbersOf(lines), clients.sorted());
});
