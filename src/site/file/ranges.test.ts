import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseByteRanges } from "../../../test/fixtures/byte-ranges.ts";
import { CountingSource } from "../../../test/fixtures/counting-source.ts";
import { type ByteRange, formatContentRange, MultipartSource, parseRange } from "./ranges.ts";

type Expected = "whole" | "unsatisfiable" | readonly (readonly [offset: number, length: number])[];

const SIZE = 10_000;
const DIGITS_50 = "9".repeat(50);

const RANGES: readonly (readonly [string, number, Expected])[] = [
  ["bytes=0-0", SIZE, [[0, 1]]],
  ["bytes=0-", SIZE, [[0, SIZE]]],
  ["bytes=5-", SIZE, [[5, SIZE - 5]]],
  ["bytes=-5", SIZE, [[SIZE - 5, 5]]],
  ["bytes=-1", SIZE, [[SIZE - 1, 1]]],
  ["bytes=3-7", SIZE, [[3, 5]]],
  ["bytes=9999-9999", SIZE, [[9999, 1]]],
  // §14.1.2: an end beyond the file is clamped, not refused.
  ["bytes=9990-20000", SIZE, [[9990, 10]]],
  ["bytes=-20000", SIZE, [[0, SIZE]]],
  [`bytes=1-${DIGITS_50}`, SIZE, [[1, SIZE - 1]]],
  [`bytes=-${DIGITS_50}`, SIZE, [[0, SIZE]]],
  ["BYTES=0-0", SIZE, [[0, 1]]],
  ["bytes= 0-0 ", SIZE, [[0, 1]]],
  ["bytes=00000-00001", SIZE, [[0, 2]]],
  // §14.1.2: nothing of the file lies in it.
  ["bytes=10000-", SIZE, "unsatisfiable"],
  ["bytes=10000-10000", SIZE, "unsatisfiable"],
  [`bytes=${DIGITS_50}-`, SIZE, "unsatisfiable"],
  ["bytes=-0", SIZE, "unsatisfiable"],
  ["bytes=0-", 0, "unsatisfiable"],
  ["bytes=-5", 0, "unsatisfiable"],
  ["bytes=10000-, -0", SIZE, "unsatisfiable"],
  // §14.2: what is not understood is ignored.
  ["bytes=7-3", SIZE, "whole"],
  [`bytes=${DIGITS_50}-1`, SIZE, "whole"],
  ["bytes=-", SIZE, "whole"],
  ["bytes=", SIZE, "whole"],
  ["bytes", SIZE, "whole"],
  ["", SIZE, "whole"],
  ["bytes =0-0", SIZE, "whole"],
  ["bytes=0 - 0", SIZE, "whole"],
  ["bytes=--5", SIZE, "whole"],
  ["bytes=+1-2", SIZE, "whole"],
  ["bytes=1.0-2", SIZE, "whole"],
  ["bytes=0x0-1", SIZE, "whole"],
  ["bytes=a-b", SIZE, "whole"],
  ["items=0-0", SIZE, "whole"],
  ["bytes=\xa00-0", SIZE, "whole"],
  ["bytes=0-0\xa0", SIZE, "whole"],
  ["bytes=0-0, x", SIZE, "whole"],
  ["bytes=0-0, 7-3", SIZE, "whole"],
  // Several: in the order asked for, unless some touch.
  [
    "bytes=0-0,-1",
    SIZE,
    [
      [0, 1],
      [SIZE - 1, 1],
    ],
  ],
  [
    "bytes=5000-5009, 0-9",
    SIZE,
    [
      [5000, 10],
      [0, 10],
    ],
  ],
  ["bytes=, 0-0 ,,", SIZE, [[0, 1]]],
  ["bytes=0-9, 20000-", SIZE, [[0, 10]]],
  ["bytes=0-9,10-19", SIZE, [[0, 20]]],
  ["bytes=0-99,50-149", SIZE, [[0, 150]]],
  ["bytes=0-99,50-60", SIZE, [[0, 100]]],
  // Lines around each part would cost more than the file.
  [
    "bytes=0-0,2000-2000",
    2100,
    [
      [0, 1],
      [2000, 1],
    ],
  ],
  ["bytes=0-4999,5200-9990", SIZE, "whole"],
  [
    `bytes=${Array.from({ length: 257 }, (_, at) => `${at * 300}-${at * 300}`).join(",")}`,
    SIZE,
    "whole",
  ],
];

for (const [value, sizeBytes, expected] of RANGES) {
  const shown = value.length > 60 ? `${value.slice(0, 60)}…` : value;
  test(`RFC 9110 §14: [${shown}] of ${sizeBytes} bytes is ${JSON.stringify(expected)}`, () => {
    const outcome = parseRange(value, sizeBytes);
    const actual =
      outcome.kind === "parts"
        ? outcome.parts.map(({ offsetBytes, lengthBytes }) => [offsetBytes, lengthBytes])
        : outcome.kind;
    assert.deepEqual(actual, expected);
  });
}

test("formatContentRange counts from 0 to the last byte [first 5 of 10]", () => {
  assert.equal(formatContentRange({ offsetBytes: 0, lengthBytes: 5 }, 10), "bytes 0-4/10");
});

const rangeText = fc.oneof(
  fc.tuple(fc.nat(400), fc.nat(400)).map(([a, b]) => `${a}-${b}`),
  fc.nat(400).map((first) => `${first}-`),
  fc.nat(400).map((count) => `-${count}`),
);

/** The bytes that a list of ranges names, by the plainest reading of RFC 9110 §14.1.2. */
function bytesNamed(texts: readonly string[], sizeBytes: number): Set<number> {
  const named = new Set<number>();
  for (const text of texts) {
    const [first = "", last = ""] = text.split("-");
    for (let at = 0; at < sizeBytes; at++) {
      const isNamed =
        first === ""
          ? at >= sizeBytes - Number(last)
          : at >= Number(first) && at <= (last === "" ? sizeBytes : Number(last));
      if (isNamed) named.add(at);
    }
  }
  return named;
}

test("whatever is asked for, the parts lie in the file, do not overlap, hold every byte named and cost less than the whole", (t) => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  t.diagnostic(`seed ${seed}`);
  const property = fc.property(
    fc.array(rangeText, { minLength: 1, maxLength: 6 }),
    fc.nat(3000),
    (texts, sizeBytes) => {
      const outcome = parseRange(`bytes=${texts.join(",")}`, sizeBytes);
      const named = bytesNamed(texts, sizeBytes);
      if (outcome.kind === "unsatisfiable") assert.equal(named.size, 0);
      if (outcome.kind !== "parts") return;
      const sent = new Set<number>();
      let sentBytes = 0;
      for (const { offsetBytes, lengthBytes } of outcome.parts) {
        assert.ok(lengthBytes > 0 && offsetBytes + lengthBytes <= sizeBytes);
        sentBytes += lengthBytes;
        for (let at = 0; at < lengthBytes; at++) sent.add(offsetBytes + at);
      }
      assert.equal(sent.size, sentBytes);
      assert.ok(named.isSubsetOf(sent));
      assert.ok(outcome.parts.length === 1 || sentBytes < sizeBytes);
    },
  );
  fc.assert(property, { seed, numRuns: 2000 });
});

test("a list of 16 KiB is the whole file, whatever is in it [0-1 and commas, blanks, digits]", () => {
  for (const piece of ["0-1,", ",", " ", "0"]) {
    const value = `bytes=0-1,${piece.repeat(16_000 / piece.length)}`;
    assert.deepEqual(parseRange(value, SIZE), { kind: "whole" });
  }
});

const BOUNDARY = "weir-0123456789abcdef01234567";
const CONTENT_TYPE = `multipart/byteranges; boundary=${BOUNDARY}`;

function makeMultipart(source: CountingSource, parts: readonly ByteRange[]): MultipartSource {
  const sizeBytes = source.bytes.length;
  return new MultipartSource({ source, sizeBytes, contentType: "a/b", parts, boundary: BOUNDARY });
}

/** Reads from `from` on, at most so many bytes at a time. */
async function readAll(source: MultipartSource, readBytesMax: number, from = 0): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let position = from; ; ) {
    const into = Buffer.alloc(readBytesMax);
    const readBytes = await source.read(into, position);
    if (readBytes === 0) return Buffer.concat(pieces);
    pieces.push(into.subarray(0, readBytes));
    position += readBytes;
  }
}

test("RFC 9110 §14.6: two parts, byte for byte [0-2 and 10-10 of 300]", async () => {
  const source = new CountingSource(300);
  source.bytes.write("abcdefghijk");
  const multipart = makeMultipart(source, [
    { offsetBytes: 0, lengthBytes: 3 },
    { offsetBytes: 10, lengthBytes: 1 },
  ]);
  const expected = [
    "",
    `--${BOUNDARY}`,
    "Content-Type: a/b",
    "Content-Range: bytes 0-2/300",
    "",
    "abc",
    `--${BOUNDARY}`,
    "Content-Type: a/b",
    "Content-Range: bytes 10-10/300",
    "",
    "k",
    `--${BOUNDARY}--`,
    "",
  ].join("\r\n");
  assert.equal((await readAll(multipart, 1000)).toString("latin1"), expected);
  assert.equal(multipart.lengthBytes, expected.length);
});

const part = fc
  .tuple(fc.nat(900), fc.integer({ min: 1, max: 100 }))
  .map(([offsetBytes, lengthBytes]) => ({ offsetBytes, lengthBytes }));

test("whatever the parts and the pieces it is read in, the parts come whole and in their order", async (t) => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  t.diagnostic(`seed ${seed}`);
  const source = new CountingSource(1000);
  const property = fc.asyncProperty(
    fc.array(part, { minLength: 1, maxLength: 8 }),
    fc.integer({ min: 1, max: 400 }),
    fc.nat(2000),
    async (parts, readBytesMax, from) => {
      const multipart = makeMultipart(source, parts);
      const body = await readAll(multipart, readBytesMax);
      assert.equal(body.length, multipart.lengthBytes);
      // From any place on it is the same body.
      assert.ok((await readAll(multipart, readBytesMax, from)).equals(body.subarray(from)));
      const expected = parts.map(({ offsetBytes, lengthBytes }) => ({
        contentType: "a/b",
        offsetBytes,
        sizeBytes: 1000,
        bytes: source.bytes.subarray(offsetBytes, offsetBytes + lengthBytes),
      }));
      assert.deepEqual(parseByteRanges(CONTENT_TYPE, body), expected);
    },
  );
  await fc.assert(property, { seed, numRuns: 500 });
});

test("content that looks like the end of a part is content", async () => {
  const source = new CountingSource(200);
  source.bytes.write(`\r\n--${BOUNDARY}--\r\n`, 50);
  const parts = [
    { offsetBytes: 0, lengthBytes: 150 },
    { offsetBytes: 160, lengthBytes: 20 },
  ];
  const body = await readAll(makeMultipart(source, parts), 64);
  const [first] = parseByteRanges(CONTENT_TYPE, body);
  assert.ok(first?.bytes.equals(source.bytes.subarray(0, 150)));
});

test("a source that ends in the middle of a part ends the body there", async () => {
  const source = new CountingSource(200);
  source.endsAt = 120;
  const multipart = makeMultipart(source, [{ offsetBytes: 100, lengthBytes: 50 }]);
  const body = await readAll(multipart, 64);
  assert.ok(body.length < multipart.lengthBytes);
  assert.ok(body.subarray(-20).equals(source.bytes.subarray(100, 120)));
});

test("its source is closed once, and says whether it is unchanged", () => {
  const source = new CountingSource(10);
  const multipart = makeMultipart(source, [{ offsetBytes: 0, lengthBytes: 1 }]);
  assert.equal(multipart.isUnchanged(), true);
  source.hasChanged = true;
  assert.equal(multipart.isUnchanged(), false);
  assert.equal(source.closedCount, 0);
  multipart.close();
  assert.equal(source.closedCount, 1);
});
