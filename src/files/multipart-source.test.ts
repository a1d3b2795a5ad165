import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseByteRanges } from "../../test/fixtures/byte-ranges.ts";
import { CountingSource } from "../../test/fixtures/counting-source.ts";

import { MultipartSource } from "./multipart-source.ts";
import type { ByteRange } from "./range.ts";

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
