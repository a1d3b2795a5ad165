// Ranges through the real command: the bytes that were asked for, each once, and never more than the
// file, whatever the list.

import assert from "node:assert/strict";
import { utimesSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { parseByteRanges } from "../../fixtures/byte-ranges.ts";
import { openClient } from "../../fixtures/keep-alive-client.ts";
import { requestOnce } from "../../fixtures/one-request.ts";
import { fieldValue, type RawResponse } from "../../fixtures/raw-response.ts";
import { makeTempFolder, writeTree } from "../../fixtures/temp-folder.ts";
import { startWeir, type WeirProcess } from "../../fixtures/weir-process.ts";
import { chooseSeed, RandomNumbers } from "../../fuzz/random-numbers.ts";

const RANGED_BYTES = 3000;
const RANGED = Buffer.from(Array.from({ length: RANGED_BYTES }, (_, at) => (at * 7919) & 0xff));
/** Nothing but the last line and what is around the parts is beside the bytes of the file. */
const HEADS_BYTES_MAX = 256 * 256;

async function serve(t: TestContext): Promise<WeirProcess & { readonly dir: string }> {
  const dir = makeTempFolder(t);
  writeTree(dir, { "a.bin": RANGED });
  const weir = await startWeir(t, { dir, args: ["--rate", "off", "--workers", "1"] });
  return { ...weir, dir };
}

function getWith(
  { port }: WeirProcess,
  fields: Readonly<Record<string, string>>,
): Promise<RawResponse> {
  return requestOnce(port, "/a.bin", { fields });
}

/** The bytes that a 206 holds, by their place; fails when it contradicts itself. */
function bytesOf(response: RawResponse, content: Buffer): ReadonlySet<number> {
  const contentType = fieldValue(response, "content-type") ?? "";
  const contentRange = fieldValue(response, "content-range");
  const sent = new Set<number>();
  const [, first = "", last = ""] = /^bytes (\d+)-(\d+)\/3000$/.exec(contentRange ?? "") ?? [];
  const parts =
    contentRange === undefined
      ? parseByteRanges(contentType, response.body)
      : [{ offsetBytes: Number(first), sizeBytes: RANGED_BYTES, bytes: response.body }];
  assert.equal(parts.length > 1, contentRange === undefined);
  if (contentRange !== undefined) {
    assert.equal(response.body.length, Number(last) - Number(first) + 1);
  }
  for (const { offsetBytes, sizeBytes, bytes } of parts) {
    assert.equal(sizeBytes, content.length);
    assert.ok(bytes.equals(content.subarray(offsetBytes, offsetBytes + bytes.length)));
    for (let at = offsetBytes; at < offsetBytes + bytes.length; at++) {
      assert.ok(!sent.has(at), `byte ${at} comes twice`);
      sent.add(at);
    }
  }
  return sent;
}

interface Drawn {
  readonly text: string;
  /** By the plainest reading of RFC 9110 §14.1.2; undefined when it is malformed. */
  readonly named: ReadonlySet<number> | undefined;
}

function drawRanges(random: RandomNumbers): Drawn {
  const named = new Set<number>();
  // One list in eight lies beyond the file, one in sixteen has an error in it.
  const start = random.below(8) === 0 ? RANGED_BYTES : 0;
  const texts = Array.from({ length: 1 + random.below(6) }, (): string => {
    const [a, b] = [start + random.below(RANGED_BYTES), start + random.below(RANGED_BYTES)];
    const [first, last] = [Math.min(a, b), Math.max(a, b)];
    const length = start > 0 ? 0 : random.below(400);
    const [text, from, to] = random.oneOf([
      [`${first}-${last}`, first, last],
      [`${first}-${first + length}`, first, first + length],
      [`${first}-`, first, RANGED_BYTES],
      [`-${length}`, RANGED_BYTES - length, RANGED_BYTES],
    ] as const);
    for (let at = from; at <= to && at < RANGED_BYTES; at++) named.add(at);
    return text;
  });
  const isMalformed = random.below(16) === 0;
  if (isMalformed) texts.push(random.oneOf(["9-3", "-", "a-b", "1-2-3", "0x1-2", "1"]));
  const text = `bytes=${texts.join(random.oneOf([",", ", ", " , ,"]))}`;
  return { text, named: isMalformed ? undefined : named };
}

test("whatever ranges are asked for, the answer holds these bytes, each once [1,000 lists]", async (t) => {
  const seed = chooseSeed(process.env);
  t.diagnostic(`WEIR_FUZZ_SEED=${seed}`);
  const random = new RandomNumbers(seed);
  const weir = await serve(t);
  const client = await openClient(t, weir);
  const counts = new Map<number, number>();
  for (let left = 1000; left > 0; left--) {
    const { text, named } = drawRanges(random);
    const response = await client.ask("/a.bin", { fields: `Range: ${text}\r\n` });
    const { status, body } = response;
    counts.set(status, (counts.get(status) ?? 0) + 1);
    assert.ok(body.length <= RANGED_BYTES + HEADS_BYTES_MAX || status === 416, text);
    if (status === 200) assert.ok(body.equals(RANGED), text);
    if (named === undefined) assert.equal(status, 200, text);
    else if (named.size === 0) assert.equal(status, 416, text);
    else if (status !== 200) assert.ok(named.isSubsetOf(bytesOf(response, RANGED)), text);
  }
  t.diagnostic(`answers by status: ${JSON.stringify([...counts])}`);
  assert.equal(counts.size, 3);
});

test("several ranges come in the order in which they were asked for", async (t) => {
  const weir = await serve(t);
  const response = await getWith(weir, { Range: "bytes=2000-2009,-5,0-4" });
  assert.equal(response.status, 206);
  const parts = parseByteRanges(fieldValue(response, "content-type") ?? "", response.body);
  assert.deepEqual(
    parts.map(({ offsetBytes, bytes }) => [offsetBytes, bytes.length]),
    [
      [2000, 10],
      [2995, 5],
      [0, 5],
    ],
  );
  for (const { contentType } of parts) assert.equal(contentType, "application/octet-stream");
  bytesOf(response, RANGED);
});

/** Lists that would be a multiple of the file if each range were answered for itself. */
const GREEDY: readonly (readonly [string, string, 200 | 206])[] = [
  ["256 times the whole", Array(256).fill("0-").join(), 206],
  ["257 times the whole", Array(257).fill("0-").join(), 200],
  ["1,000 single bytes", Array.from({ length: 1000 }, (_, at) => `${at}-${at}`).join(), 200],
  ["2,000 suffixes", Array.from({ length: 2000 }, () => "-1").join(), 200],
  [
    "32 that overlap by half",
    Array.from({ length: 32 }, (_, at) => `${at * 50}-${at * 50 + 100}`).join(),
    206,
  ],
  [
    "30 bytes far apart",
    Array.from({ length: 30 }, (_, at) => `${at * 100}-${at * 100}`).join(),
    206,
  ],
  [
    "20 bytes a little further apart",
    Array.from({ length: 20 }, (_, at) => `${at * 140}-${at * 140}`).join(),
    206,
  ],
];

test(`ranges never amplify [${GREEDY.map(([what]) => what).join("; ")}]`, async (t) => {
  const weir = await serve(t);
  for (const [what, list, status] of GREEDY) {
    const response = await getWith(weir, { Range: `bytes=${list}` });
    assert.equal(response.status, status, what);
    t.diagnostic(`${what}: ${response.body.length} bytes of a file of ${RANGED_BYTES}`);
    assert.ok(response.body.length <= RANGED_BYTES + 1024, what);
    if (status === 206) bytesOf(response, RANGED);
  }
});

test("If-Range by tag or by date decides between the part and the whole", async (t) => {
  const weir = await serve(t);
  const old = new Date(Date.now() - 60_000);
  utimesSync(join(weir.dir, "a.bin"), old, old);
  const whole = await getWith(weir, {});
  const [tag, date] = [fieldValue(whole, "etag") ?? "", fieldValue(whole, "last-modified") ?? ""];
  const later = new Date(Date.parse(date) + 1000).toUTCString();
  for (const [ifRange, status] of [
    [tag, 206],
    // A date that somebody has set may be that of another version.
    [date, 200],
    [`W/${tag}`, 200],
    ['"other"', 200],
    [later, 200],
    ["never", 200],
  ] as const) {
    const response = await getWith(weir, { Range: "bytes=-10", "If-Range": ifRange });
    assert.equal(response.status, status, ifRange);
    assert.ok(response.body.equals(status === 206 ? RANGED.subarray(-10) : RANGED));
  }
});
