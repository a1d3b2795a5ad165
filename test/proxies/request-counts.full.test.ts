// Do a proxy and weir agree on how many requests there were? Where they do not, one client's bytes are
// read as another client's request (request smuggling), and weir's counts are not those of the
// proxy. Each payload of two corpora that were made to bring two readers of HTTP/1.1 apart is
// sent through each proxy of deploy/, on a connection of its own, with a number in its first target.
// Then the logs of both are laid side by side: weir answered as many requests as the proxy sent, and
// read none that the proxy does not know of. What weir refuses unread has no target in its log, and
// counts in the sum. All payloads go to all four, sixteen at a time: half a minute in all.
//
// Where the counts of a log need a reading: HAProxy also names a server for a request that it never
// sent (proxy-config.ts tells them apart); Caddy does not say whether an answer of its own, a 502, was
// made before or after weir was asked, so its sum has a lower and an upper end.
//
// The corpora are no part of this repository (docs/CONFORMANCE.md); without WEIR_CORPORA there is
// nothing to send.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { corporaFolder, decodePayload, readCorpora } from "../conformance/corpora.ts";
import { mapConcurrently } from "../conformance/server-address.ts";
import type { AdminWeir } from "../fixtures/admin-weir.ts";
import { requestOnce } from "../fixtures/one-request.ts";
import { openRawConnection, type RawConnection } from "../fixtures/raw-client.ts";
import { requireProgram } from "../fixtures/system-program.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { compareCounts } from "./count-comparison.ts";
import { startProxied } from "./proxies.ts";
import { type FrontProxy, PROXIES } from "./proxy-config.ts";

const folder = corporaFolder(process.env);
const skip = folder === undefined && "needs the corpora: set WEIR_CORPORA to their folder";

/** The mutations and the probes. */
const PAYLOAD_COUNT = 1350;
/** Fewer would mean that hardly anything got past the proxy, and so that nothing was compared. */
const SENT_COUNT_MIN = 50;
/**
 * A proxy that waits for the rest of a body says nothing. One that is only slow must not be left before
 * it answers: it may have sent the request, and gives it up.
 */
const ANSWER_MS_MAX = 1500;
/** How long a second answer may take after the first. */
const QUIET_MS = 30;

/** What is sent, one piece after the other. */
type Payload = readonly string[];

const REQUIRED: Readonly<Record<string, (t: TestContext) => string | undefined>> = {
  haproxy: (t) => requireProgram(t, "haproxy", "haproxy"),
  nginx: (t) => requireProgram(t, "nginx", "nginx-light"),
  caddy: (t) => requireProgram(t, "caddy", "caddy"),
  varnish: (t) => requireProgram(t, "varnishd", "varnish"),
};

for (const [name, proxy] of Object.entries(PROXIES)) {
  test(`${name} and weir count the same requests`, { skip }, async (t) => {
    const program = REQUIRED[name]?.(t);
    if (program !== undefined) await assertCounts(t, proxy, program);
  });
}

async function assertCounts(t: TestContext, proxy: FrontProxy, program: string): Promise<void> {
  const dir = makeTempFolder(t);
  writeTree(dir, { "index.html": "index" });
  const { port, sent, answered, quiet, weir } = await startProxied(t, proxy, program, dir);
  await quiet();
  const [sentBefore, answeredBefore] = [sent().length, answered().length];
  const payloads = readPayloads(folder ?? "");
  assert.equal(payloads.length, PAYLOAD_COUNT);
  await mapConcurrently(payloads, (payload) => sendPayload(port, payload));
  await quiet();
  const lines = answered().slice(answeredBefore);
  const counts = compareCounts(sent().slice(sentBefore), lines);
  const { unsent, unnamed, answeredCount, sentMin, sentMax } = counts;
  const unreadCount = lines.filter(({ target }) => target === null).length;
  t.diagnostic(
    `${payloads.length} payloads, all of them: ${sentMin === sentMax ? sentMin : `${sentMin} to ${sentMax}`} ` +
      `requests sent on, ${answeredCount} answered by weir, of which it refused ${unreadCount} unread`,
  );
  assert.deepEqual(unsent, [], "weir read what the proxy did not send");
  assert.ok(
    sentMin <= answeredCount && answeredCount <= sentMax && sentMin >= SENT_COUNT_MIN,
    `the sums differ; not named by weir:\n${unnamed.join("\n")}`,
  );
  await assertAlive(port, weir);
}

async function assertAlive(port: number, { child }: AdminWeir): Promise<void> {
  assert.equal((await requestOnce(port, "/")).body.toString(), "index");
  assert.equal(child.exitCode, null);
}

function readPayloads(corporaDir: string): Payload[] {
  const { smuggler, http11probe } = readCorpora(corporaDir);
  const mutations = smuggler.map(({ payload_b64 }) => [decodePayload(payload_b64)]);
  const probes = http11probe.cases.map((probe) =>
    (probe.kind === "single" ? [probe] : probe.steps)
      // A few later steps are made from the answer before them, and have no bytes here.
      .filter(({ payload_b64 }) => payload_b64 !== undefined)
      .map(({ payload_b64 }) => decodePayload(payload_b64)),
  );
  return [...mutations, ...probes].map(([first = "", ...rest], index) => [
    numberTarget(first, index),
    ...rest,
  ]);
}

/** The number stands in the first line only, so that no stated length changes its meaning. */
function numberTarget(payload: string, index: number): string {
  const number = String(index).padStart(7, "0");
  return payload.replace(/^([A-Z]+ \/)(?:\?cb=\d{7})?( HTTP\/1\.1\r\n)/, `$1?cb=${number}$2`);
}

async function sendPayload(port: number, pieces: Payload): Promise<void> {
  const connection = await openRawConnection({ port });
  try {
    for (const [index, piece] of pieces.entries()) {
      if (connection.closed !== "open") return;
      await connection.send(piece);
      await hear(connection, index + 1);
    }
  } finally {
    connection.destroy();
  }
}

async function hear(connection: RawConnection, count: number): Promise<void> {
  try {
    await connection.waitFor({ kind: "responses", count }, [], ANSWER_MS_MAX);
  } catch {
    // A refusal of HTTP/0.9, or the answer to a HEAD: no more is to be learned from it.
  }
  await connection.waitFor({ kind: "quiet", ms: QUIET_MS }, [], ANSWER_MS_MAX);
}
