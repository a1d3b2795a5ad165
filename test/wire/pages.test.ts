// Runs the wire pages (test/wire/*.md): one weir for each page, one connection for each case. A
// short case is sent twice, in one piece and byte by byte: how bytes arrive must not matter.

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { eachByte, openRawConnection, type RawConnection } from "../fixtures/raw-client.ts";
import { type RawResponse, splitResponses } from "../fixtures/raw-response.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";
import { findFaults } from "./expectation.ts";
import { parseWirePage, type WireCase, type WirePage } from "./wire-page.ts";

const PAGE_FOLDER = join(import.meta.dirname, ".");
const MANUAL = "README.md";
/** Longer cases are sent in one piece only. */
const BYTE_BY_BYTE_MAX = 1024;
/** How much of what was received is shown in the message of a failure. */
const RECEIVED_SHOWN_BYTES = 700;
/** Answered on a connection that is still usable, and by every page whatever it serves. */
const PROBE = "OPTIONS * HTTP/1.1\r\nHost: probe.test\r\n\r\n";

for (const fileName of readdirSync(PAGE_FOLDER).sort()) {
  if (!fileName.endsWith(".md") || fileName === MANUAL) continue;
  const page = parseWirePage(readFileSync(join(PAGE_FOLDER, fileName), "utf8"));
  test(`wire/${fileName}: ${page.title}`, async (t) => {
    const dir = makeTempFolder(t);
    writeEntries(dir, page);
    const { port } = await startWeir(t, { dir, args: ["--workers", "2", ...page.args] });
    for (const wireCase of page.cases) {
      await t.test(`${wireCase.name} (line ${wireCase.lineNumber})`, async (inner) => {
        await runCase(inner, port, wireCase, [wireCase.send]);
        if (wireCase.send.length > BYTE_BY_BYTE_MAX) return;
        await runCase(inner, port, wireCase, eachByte(wireCase.send));
      });
    }
  });
}

function writeEntries(dir: string, page: WirePage): void {
  for (const entry of page.entries) {
    if (entry.kind === "file") writeTree(dir, { [entry.name]: entry.content });
    else if (entry.kind === "folder") mkdirSync(join(dir, entry.name), { recursive: true });
    else symlinkSync(entry.target, join(dir, entry.name));
  }
  const { modified } = page;
  if (modified === undefined) return;
  // Afterwards and from the end: writing into a folder would change its time.
  for (const { kind, name } of page.entries.toReversed()) {
    if (kind === "link") continue;
    utimesSync(join(dir, name), modified, modified);
    utimesSync(dirname(join(dir, name)), modified, modified);
  }
}

async function runCase(
  t: TestContext,
  port: number,
  wireCase: WireCase,
  pieces: readonly Uint8Array[],
): Promise<void> {
  const connection = await openRawConnection({ port });
  t.after(() => connection.destroy());
  const way = pieces.length === 1 ? "in one piece" : "byte by byte";
  const methods = wireCase.answers
    .filter(({ status }) => status >= 200)
    .map(({ method }) => method);
  await connection.send(pieces);
  const faults: string[] = [];
  let responses: readonly RawResponse[] = [];
  try {
    if (wireCase.end === "closed") await connection.waitFor({ kind: "closed" }, methods);
    else await connection.waitFor({ kind: "responses", count: methods.length }, methods);
    const ended = connection.closed === "end";
    responses = splitResponses(connection.bytes, { methods, ended }).responses;
    faults.push(...findFaults(wireCase.answers, wireCase.end, responses));
    faults.push(...(await findEndFaults(connection, wireCase, methods)));
  } catch (error) {
    faults.push((error as Error).message);
  }
  assert.ok(
    faults.length === 0,
    `sent ${way}:\n- ${faults.join("\n- ")}\nreceived: ${JSON.stringify(
      connection.bytes.toString("latin1", 0, RECEIVED_SHOWN_BYTES),
    )}`,
  );
}

/** Is the connection in the state that the page says? An open one must answer once more. */
async function findEndFaults(
  connection: RawConnection,
  { end }: WireCase,
  methods: readonly string[],
): Promise<string[]> {
  if (end === "closed") {
    if (connection.closed === "end") return [];
    return [`"connection: closed": it is ${connection.closed}`];
  }
  if (connection.closed !== "open") return [`"connection: open": it is ${connection.closed}`];
  const before = connection.bytes.length;
  await connection.send(PROBE);
  const goal = { kind: "responses", count: methods.length + 1 } as const;
  const isAnswered = await connection.waitFor(goal, [...methods, "OPTIONS"]);
  const { responses, rest } = splitResponses(connection.bytes.subarray(before));
  if (isAnswered && responses.length === 1 && responses[0]?.status === 204 && rest.length === 0) {
    return [];
  }
  return [`"connection: open": a further OPTIONS * was not answered with one 204`];
}
