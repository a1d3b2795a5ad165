// The limit as clients meet it: the real command, real connections from several addresses.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  countPossible,
  findCertainExcess,
  type Interval,
} from "../fixtures/admission-intervals.ts";
import { formatRequest, type KeepAliveClient, openClient } from "../fixtures/keep-alive-client.ts";
import { rawExchange } from "../fixtures/raw-client.ts";
import { fieldValue, type RawResponse } from "../fixtures/raw-response.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir, type WeirProcess } from "../fixtures/weir-process.ts";

const CLOSING = { fields: "Connection: close\r\n" };
const PATIENCE_MS = 20_000;

async function serve(t: TestContext, ...args: string[]): Promise<WeirProcess> {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.txt": "content of a" });
  return startWeir(t, { dir, args: ["--workers", "2", ...args] });
}

/** Asks in turn and gives the statuses: `200 200 429`. */
async function statusesOf(
  client: KeepAliveClient,
  requests: readonly [method: string, target: string][],
): Promise<string> {
  const statuses: number[] = [];
  for (const [method, target] of requests) {
    statuses.push((await client.ask(target, { method })).status);
  }
  return statuses.join(" ");
}

function asksFor(target: string, times: number): [string, string][] {
  return Array<[string, string]>(times).fill(["GET", target]);
}

async function hitsOf(client: KeepAliveClient, name: string): Promise<number | undefined> {
  const { body } = await client.ask("/?format=json");
  const listing = JSON.parse(body.toString()) as { entries: { name: string; hits: number }[] };
  return listing.entries.find((entry) => entry.name === name)?.hits;
}

test("200 connections at once: 5 × 200 and 195 × 429, each answer whole, none reset [5/m]", async (t) => {
  const { port } = await serve(t, "--rate", "5/m");
  const exchanges = await Promise.all(
    Array.from({ length: 200 }, () =>
      rawExchange({ port, send: formatRequest("/a.txt", CLOSING), timeoutMs: PATIENCE_MS }),
    ),
  );
  for (const { closed, responses, rest } of exchanges) {
    assert.deepEqual([closed, responses.length, rest.length], ["end", 1, 0]);
  }
  const responses = exchanges.flatMap((exchange) => exchange.responses);
  const passed = responses.filter(({ status }) => status === 200);
  const refused = responses.filter(({ status }) => status === 429);
  assert.deepEqual([passed.length, refused.length], [5, 195]);
  for (const { body } of passed) assert.equal(body.toString(), "content of a");
  const left = passed.map((response) => /;r=(\d+);/.exec(fieldValue(response, "RateLimit") ?? ""));
  assert.deepEqual(left.map((match) => match?.[1]).sort(), ["0", "1", "2", "3", "4"]);
  for (const response of refused) {
    assert.equal(fieldValue(response, "RateLimit-Policy"), '"default";q=5;w=60');
    const retryAfter = Number(fieldValue(response, "Retry-After"));
    assert.ok(retryAfter >= 1 && retryAfter <= 60, `Retry-After: ${retryAfter}`);
    assert.match(response.body.toString(), /<html/);
  }
});

test("200 connections at once at the default rate: Retry-After is 1, and no second has 6 × 200", async (t) => {
  const { port } = await serve(t);
  const startedMs = performance.now();
  const answers = await Promise.all(
    Array.from({ length: 200 }, async () => {
      const fromMs = performance.now();
      const send = formatRequest("/a.txt", CLOSING);
      const { responses, closed } = await rawExchange({ port, send, timeoutMs: PATIENCE_MS });
      assert.equal(closed, "end");
      return { response: responses[0] as RawResponse, fromMs, toMs: performance.now() };
    }),
  );
  const seconds = (performance.now() - startedMs) / 1000;
  const passed = answers.filter(({ response }) => response.status === 200);
  assert.equal(findCertainExcess(passed, 5, 1000), undefined);
  // Five, unless the machine was so slow that a second window began.
  assert.ok(passed.length >= 5 && passed.length <= 5 * Math.ceil(seconds), `${passed.length}`);
  for (const { response } of answers) {
    if (response.status === 200) continue;
    assert.equal(response.status, 429);
    assert.equal(fieldValue(response, "Retry-After"), "1");
  }
});

test("requests that are spaced by 0.25 s all pass [16 of them, 5/s]", async (t) => {
  const { port } = await serve(t);
  for (let index = 0; index < 16; index++) {
    // Each is sent a quarter second after the answer to the one before: never more than 4 a second.
    const { responses } = await rawExchange({ port, send: formatRequest("/a.txt", CLOSING) });
    assert.equal(responses[0]?.status, 200, `request ${index}`);
    await sleep(250);
  }
});

test("another address has a limit of its own [127.0.0.2 beside 127.0.0.1, 3/m]", async (t) => {
  const { port } = await serve(t, "--rate", "3/m");
  const spammer = await openClient(t, { port });
  assert.equal(await statusesOf(spammer, asksFor("/a.txt", 5)), "200 200 200 429 429");
  const polite = await openClient(t, { port, localAddress: "127.0.0.2" });
  assert.equal(await statusesOf(polite, asksFor("/a.txt", 4)), "200 200 200 429");
  // A new connection is no new client.
  const again = await openClient(t, { port });
  assert.equal(await statusesOf(again, asksFor("/a.txt", 2)), "429 429");
});

test("a connection goes on after a 429, and passes again when it was told to [2/s]", async (t) => {
  const { port } = await serve(t, "--rate", "2/s");
  const client = await openClient(t, { port });
  for (let refusals = 0; refusals < 3; ) {
    const response = await client.ask("/a.txt");
    if (response.status === 200) continue;
    assert.equal(response.status, 429);
    refusals++;
    const exact = /weir-t=(\d+\.\d{3})$/.exec(fieldValue(response, "RateLimit") ?? "")?.[1];
    const waitMs = Number(exact) * 1000;
    assert.ok(waitMs > 0 && waitMs <= 1000, `weir-t=${exact}`);
    await sleep(waitMs + 1);
    assert.equal((await client.ask("/a.txt")).status, 200, `after ${waitMs} ms`);
  }
});

test("everything a client asks counts against its limit, hits are only what exists [6/m]", async (t) => {
  const { port } = await serve(t, "--rate", "6/m");
  const client = await openClient(t, { port });
  const requests: [string, string][] = [
    ["HEAD", "/a.txt"],
    ["GET", "/absent.txt"],
    ["DELETE", "/a.txt"],
    ["GET", "/a.txt"],
    ["OPTIONS", "*"],
    ["HEAD", "/a.txt"],
    ["GET", "/a.txt"],
    ["HEAD", "/a.txt"],
  ];
  assert.equal(await statusesOf(client, requests), "200 404 405 200 204 200 429 429");
  const other = await openClient(t, { port, localAddress: "127.0.0.2" });
  assert.equal(await hitsOf(other, "a.txt"), 1);
});

test("--rate 3/m admits three, and says when the next may come", async (t) => {
  const weir = await serve(t, "--rate", "3/m");
  assert.match(weir.stderr(), /\(2 threads, 3\/m per client\)/);
  const client = await openClient(t, { port: weir.port });
  assert.equal(await statusesOf(client, asksFor("/a.txt", 3)), "200 200 200");
  const refused = await client.ask("/a.txt", { fields: "Accept: application/json\r\n" });
  assert.equal(refused.status, 429);
  const retryAfter = Number(fieldValue(refused, "Retry-After"));
  assert.ok(retryAfter > 1 && retryAfter <= 60, `Retry-After: ${retryAfter}`);
  assert.equal(typeof JSON.parse(refused.body.toString()), "object");
});

test("--rate off refuses nobody and says nothing of a limit [300 requests]", async (t) => {
  const { port } = await serve(t, "--rate", "off");
  const client = await openClient(t, { port });
  for (const response of await client.askAll(Array<string>(300).fill("/a.txt"))) {
    assert.equal(response.status, 200);
    assert.equal(response.fields.has("ratelimit"), false);
    assert.equal(response.fields.has("ratelimit-policy"), false);
  }
});

test("6 connections spam for 3 s over two threads: never 6 admitted in a second, never too few", async (t) => {
  const { port } = await serve(t);
  const endMs = performance.now() + 3000;
  const admissions: Interval[] = [];
  const refusals: Interval[] = [];
  const clients = await Promise.all(Array.from({ length: 6 }, () => openClient(t, { port })));
  await Promise.all(
    clients.map(async (client) => {
      while (performance.now() < endMs) {
        const fromMs = performance.now();
        const { status } = await client.ask("/a.txt");
        const interval = { fromMs, toMs: performance.now() };
        assert.ok(status === 200 || status === 429, `status ${status}`);
        (status === 200 ? admissions : refusals).push(interval);
      }
    }),
  );
  assert.equal(findCertainExcess(admissions, 5, 1000), undefined);
  const firstMs = Math.min(...admissions.map(({ fromMs }) => fromMs));
  const lastMs = Math.max(...admissions.map(({ toMs }) => toMs));
  const windowsMax = Math.floor((lastMs - firstMs) / 1000) + 1;
  assert.ok(admissions.length <= 5 * windowsMax, `${admissions.length} in ${windowsMax} windows`);
  // Whoever was refused was refused because five stood in the window: at any choice of moments.
  for (const refusal of refusals) {
    const possible = countPossible(admissions, refusal, 1000);
    assert.ok(possible >= 5, `refused with ${possible} in the window`);
  }
  assert.ok(refusals.length > 100, `${refusals.length} refusals`);
});
