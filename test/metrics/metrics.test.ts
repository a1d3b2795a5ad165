// The numbers that the admin interface tells, against what was really asked: the real server, and a load
// of known size from known addresses. Prometheus reads the text itself in promtool.full.test.ts.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  type AdminWeir,
  parseMetrics,
  readMetrics,
  readSnapshot,
  startAdminWeir,
  sumOf,
} from "../fixtures/admin-weir.ts";
import { requestOnce } from "../fixtures/one-request.ts";
import { openRawConnection, rawExchange } from "../fixtures/raw-client.ts";
import { runWeir } from "../fixtures/run-weir.ts";
import { makeTempFolder, type Tree, writeTree } from "../fixtures/temp-folder.ts";

async function serve(t: TestContext, tree: Tree, args: readonly string[]): Promise<AdminWeir> {
  const dir = makeTempFolder(t);
  writeTree(dir, tree);
  return startAdminWeir(t, { dir, args });
}

/** Each snapshot until `isSo`; the threads tell of their clients a few times a second. */
async function snapshotWhen(
  weir: AdminWeir,
  isSo: (snapshot: Awaited<ReturnType<typeof readSnapshot>>) => boolean,
) {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const snapshot = await readSnapshot(weir);
    if (isSo(snapshot)) return snapshot;
    assert.ok(performance.now() < deadline, `it never came to this: ${JSON.stringify(snapshot)}`);
  }
}

test("a load of 200 from each of two addresses: 5 admitted and 195 refused of each, everywhere", async (t) => {
  const weir = await serve(t, { "a.txt": "hello" }, ["--rate", "5/h", "--workers", "2"]);
  for (const source of ["127.0.0.1", "127.0.0.2"]) {
    const args = ["load", `${weir.url}/a.txt`, "-n", "200", "-c", "8", "--source", source];
    const run = await runWeir(t, args);
    assert.equal(run.code, 0, run.stderr);
  }
  const metrics = await readMetrics(weir);
  assert.equal(metrics.get('weir_http_requests_total{method="GET",status="2xx"}'), 10);
  assert.equal(metrics.get('weir_http_requests_total{method="GET",status="4xx"}'), 390);
  assert.equal(sumOf(metrics, "weir_http_requests_total"), 400);
  assert.equal(metrics.get("weir_limit_refused_total"), 390);
  assert.equal(metrics.get("weir_hits_total"), 10);
  assert.equal(metrics.get("weir_hit_files"), 1);
  assert.equal(metrics.get("weir_limiter_slots_used"), 2);
  assert.equal(metrics.get("weir_http_request_duration_seconds_count"), 400);
  assert.equal(metrics.get('weir_http_request_duration_seconds_bucket{le="+Inf"}'), 400);
  assert.equal(sumOf(metrics, "weir_thread_requests_total"), 400);
  // Clients are told of a few times a second, files once.
  const snapshot = await snapshotWhen(weir, ({ clients, files }) => {
    const asked = clients.reduce((sum, { admitted, refused }) => sum + admitted + refused, 0);
    return asked === 400 && files.all[0]?.hits === 10;
  });
  const { totals, files } = snapshot;
  assert.deepEqual([totals.requests, totals.refused, totals.hits], [400, 390, 10]);
  assert.deepEqual(
    snapshot.clients
      .map(({ client, admitted, refused, window }) => ({
        client,
        admitted,
        refused,
        used: window?.used,
      }))
      .sort((a, b) => a.client.localeCompare(b.client)),
    ["127.0.0.1", "127.0.0.2"].map((client) => ({ client, admitted: 5, refused: 195, used: 5 })),
  );
  for (const { window } of snapshot.clients) {
    assert.equal(window?.agesMs.length, 5);
    assert.ok(window.agesMs.every((ageMs, index) => ageMs >= (window.agesMs[index - 1] ?? 0)));
  }
  assert.deepEqual(
    files.all.map(({ path, href, hits }) => ({ path, href, hits })),
    [{ path: "/a.txt", href: "/a.txt", hits: 10 }],
  );
});

test("methods, statuses, bytes and connections are told apart", async (t) => {
  const body = "x".repeat(1000);
  const weir = await serve(t, { "a.txt": body, "sub/": {} }, ["--rate", "off", "--workers", "1"]);
  const head = await requestOnce(weir.port, "/a.txt", { method: "HEAD" });
  assert.equal(head.status, 200);
  const first = await requestOnce(weir.port, "/a.txt");
  const etag = first.fields.get("etag")?.[0] ?? "";
  const again = await requestOnce(weir.port, "/a.txt", { fields: { "If-None-Match": etag } });
  assert.equal(again.status, 304);
  const part = await requestOnce(weir.port, "/a.txt", { fields: { Range: "bytes=0-9" } });
  assert.equal(part.status, 206);
  const moved = await requestOnce(weir.port, "/sub");
  const absent = await requestOnce(weir.port, "/absent");
  const options = await requestOnce(weir.port, "/a.txt", { method: "OPTIONS" });
  const put = await requestOnce(weir.port, "/a.txt", { method: "PUT" });
  const unreadable = await rawExchange({ port: weir.port, send: "nonsense\r\n\r\n" });
  const metrics = await readMetrics(weir);
  const count = (method: string, status: string) =>
    metrics.get(`weir_http_requests_total{method="${method}",status="${status}"}`);
  assert.deepEqual([count("GET", "2xx"), count("GET", "3xx"), count("GET", "4xx")], [2, 2, 1]);
  assert.deepEqual(
    [count("HEAD", "2xx"), count("OPTIONS", "2xx"), count("other", "4xx")],
    [1, 1, 2],
  );
  const bodies = [first, part, moved, absent, options, put, unreadable.responses[0]!];
  const bytes = bodies.reduce((sum, response) => sum + response.body.length, 0);
  assert.equal(metrics.get("weir_http_response_body_bytes_total"), bytes);
  assert.equal(metrics.get("weir_hits_total"), 3);
  assert.equal(metrics.get("weir_connections_accepted_total"), 9);
  assert.equal(metrics.get("weir_limiter_slots"), 0);
  const open = await openRawConnection({ port: weir.port });
  t.after(() => open.destroy());
  const snapshot = await snapshotWhen(weir, ({ threads, clients }) => {
    return threads[0]?.connectionsOpen === 1 && clients.length === 1;
  });
  assert.equal(snapshot.totals.connectionsAccepted, 10);
  assert.deepEqual(
    snapshot.clients.map(({ window }) => window),
    [null],
  );
});

test("a request is in progress until its answer has left [--delay 500ms]", async (t) => {
  const args = ["--rate", "off", "--workers", "1", "--delay", "500ms"];
  const weir = await serve(t, { "a.txt": "a" }, args);
  const asking = requestOnce(weir.port, "/a.txt");
  await snapshotWhen(weir, ({ threads }) => threads[0]?.requestsInProgress === 1);
  await asking;
  const metrics = await readMetrics(weir);
  assert.equal(metrics.get("weir_http_requests_in_progress"), 0);
  assert.equal(metrics.get('weir_http_request_duration_seconds_bucket{le="0.25"}'), 0);
  assert.equal(metrics.get('weir_http_request_duration_seconds_bucket{le="50"}'), 1);
});

test("a connection too many is rejected, and counted so [--client-connections 2]", async (t) => {
  const args = ["--workers", "1", "--client-connections", "2"];
  const weir = await serve(t, {}, args);
  for (let index = 0; index < 3; index++) {
    const connection = await openRawConnection({ port: weir.port });
    t.after(() => connection.destroy());
  }
  const { totals } = await snapshotWhen(weir, (each) => each.totals.connectionsRejected === 1);
  assert.equal(totals.connectionsAccepted, 3);
});

test("a file that is asked for in a crowd is answered from memory, and each answer is still a hit", async (t) => {
  const weir = await serve(t, { "a.txt": "a" }, ["--rate", "off", "--workers", "1"]);
  const run = await runWeir(t, ["load", `${weir.url}/a.txt`, "-n", "2000", "-c", "4"]);
  assert.equal(run.code, 0, run.stderr);
  const metrics = await readMetrics(weir);
  assert.equal(metrics.get("weir_hits_total"), 2000);
  const hot = metrics.get("weir_hot_file_hits_total") ?? 0;
  assert.ok(hot > 1000 && hot < 2000, String(hot));
});

test("samples of each second add up to what was asked [300 requests]", async (t) => {
  const weir = await serve(t, { "a.txt": "a" }, ["--rate", "off", "--workers", "2"]);
  await runWeir(t, ["load", `${weir.url}/a.txt`, "-n", "300", "-c", "4"]);
  const answer = await fetch(`${weir.adminUrl}/api/events`, {
    headers: { Accept: "text/event-stream" },
  });
  assert.equal(answer.headers.get("content-type"), "text/event-stream");
  let text = "";
  let asked = 0;
  for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    // Seconds are as long as the timer makes them: rates are told of one, so this is about, not exactly.
    const columns = /event: history\ndata: (.*)\n/.exec(text)?.[1];
    const before = columns ? JSON.parse(columns).columns.requestsPerSecond : [];
    const after = Array.from(text.matchAll(/event: snapshot\ndata: (.*)\n/g), ([, data = ""]) =>
      JSON.parse(data).samples.map(
        (sample: { requestsPerSecond: number }) => sample.requestsPerSecond,
      ),
    );
    asked = [before, after].flat(2).reduce((sum: number, rate: number) => sum + rate, 0);
    if (asked > 200) break;
  }
  assert.ok(asked > 200 && asked < 400, String(asked));
});

test("CPU time and delays of each thread are told, and the process's own figures", async (t) => {
  const weir = await serve(t, {}, ["--workers", "2"]);
  const hasCpu = (metrics: Map<string, number>) =>
    ["1", "2"].every((thread) => metrics.get(`weir_thread_cpu_seconds_total{thread="${thread}"}`));
  let metrics = await readMetrics(weir);
  const deadline = performance.now() + 60_000;
  while (!hasCpu(metrics) && performance.now() < deadline) metrics = await readMetrics(weir);
  assert.ok(hasCpu(metrics));
  assert.ok(sumOf(metrics, "weir_thread_event_loop_delay_seconds_count") > 0);
  assert.equal(metrics.get("weir_threads_ready"), 2);
  assert.equal(metrics.get("weir_thread_restarts_total"), 0);
  assert.ok((metrics.get("process_resident_memory_bytes") ?? 0) > 10e6);
  const age = Date.now() / 1000 - (metrics.get("process_start_time_seconds") ?? 0);
  assert.ok(age > 0 && age < 600, String(age));
  assert.ok((metrics.get("weir_hits_persist_lag_seconds") ?? -1) >= 0);
});

test("hits that are kept in memory only are never late", async (t) => {
  const weir = await serve(t, {}, ["--state", "memory"]);
  assert.equal((await readMetrics(weir)).has("weir_hits_persist_lag_seconds"), false);
  assert.equal((await readSnapshot(weir)).persistLagSeconds, null);
});

test("no path and no client is a label, however many there are [50 names, 5 addresses]", async (t) => {
  const weir = await serve(t, { "a.txt": "a" }, ["--rate", "off"]);
  const before = (await readMetrics(weir)).size;
  for (let index = 0; index < 50; index++) await requestOnce(weir.port, `/secret-${index}`);
  const text = await (await fetch(`${weir.adminUrl}/metrics`)).text();
  assert.equal(parseMetrics(text).size, before);
  assert.doesNotMatch(text, /secret|127\.0\.0\./);
});
