import assert from "node:assert/strict";
import { test } from "node:test";
import { ZipRecords } from "./zip-records.ts";

const MODIFIED_MS = Date.UTC(2026, 10, 23, 15, 4, 6);
const GIB = 1024 ** 3;

/** The end of a zip: its directory and what follows. */
function readEnd(records: ZipRecords): { directory: Buffer; end: Buffer } {
  const blocks = [...records.end()];
  const end = blocks.pop() ?? assert.fail();
  return { directory: Buffer.concat(blocks), end };
}

test("a file's records say name, time, checksum and sizes (a.txt)", () => {
  const records = new ZipRecords();
  const header = records.beginFile(Buffer.from("a.txt"), MODIFIED_MS, 10);
  assert.equal(header.readUInt32LE(0), 0x04034b50);
  // Checksum and sizes come behind the bytes; the name is UTF-8.
  assert.equal(header.readUInt16LE(6), 0x0808);
  assert.equal(header.toString("latin1", 30, 35), "a.txt");
  const descriptor = records.endFile({ crc32: 7, sizeBytes: 10, deflatedBytes: 8 });
  assert.deepEqual(
    [4, 8, 12].map((at) => descriptor.readUInt32LE(at)),
    [7, 8, 10],
  );
  const { directory, end } = readEnd(records);
  assert.equal(directory.readUInt32LE(0), 0x02014b50);
  // 15:04:06 on 2026-11-23.
  assert.equal(directory.readUInt16LE(12), (15 << 11) | (4 << 5) | 3);
  assert.equal(directory.readUInt16LE(14), (46 << 9) | (11 << 5) | 23);
  assert.deepEqual(
    [16, 20, 24].map((at) => directory.readUInt32LE(at)),
    [7, 8, 10],
  );
  assert.equal(end.readUInt16LE(10), 1);
  assert.equal(end.readUInt32LE(12), directory.length);
  assert.equal(end.readUInt32LE(16), header.length + 8 + descriptor.length);
});

test("a name that is not UTF-8 is not said to be (e9)", () => {
  const records = new ZipRecords();
  assert.equal(records.beginFile(Buffer.from([0xe9]), 0, 1).readUInt16LE(6), 0x0008);
  assert.equal(new ZipRecords().addFolder(Buffer.from("ü/"), 0).readUInt16LE(6), 0x0800);
});

test("a file of 4 GiB and what follows it are told in eight bytes (5 GiB, then 1 byte)", () => {
  const records = new ZipRecords();
  const header = records.beginFile(Buffer.from("a"), MODIFIED_MS, 5 * GIB);
  assert.equal(header.readUInt32LE(18), 0xffffffff);
  const descriptor = records.endFile({ crc32: 1, sizeBytes: 5 * GIB, deflatedBytes: 6 * GIB });
  assert.equal(descriptor.length, 24);
  assert.equal(Number(descriptor.readBigUInt64LE(16)), 5 * GIB);
  records.beginFile(Buffer.from("b"), MODIFIED_MS, 1);
  records.endFile({ crc32: 1, sizeBytes: 1, deflatedBytes: 3 });
  const { directory, end } = readEnd(records);
  assert.equal(directory.readUInt32LE(24), 0xffffffff);
  assert.equal(directory.readUInt16LE(47), 1);
  assert.equal(Number(directory.readBigUInt64LE(51)), 5 * GIB);
  const second = directory.indexOf(Buffer.from("PK\u0001\u0002"), 4);
  assert.equal(directory.readUInt32LE(second + 42), 0xffffffff);
  assert.equal(
    Number(directory.readBigUInt64LE(second + 51)),
    header.length + 6 * GIB + descriptor.length,
  );
  // The second end record, for readers that know eight bytes, and where it is.
  assert.equal(end.readUInt32LE(0), 0x06064b50);
  assert.equal(end.readUInt32LE(56), 0x07064b50);
  const at = end.readBigUInt64LE(48) + BigInt(directory.length);
  assert.equal(end.readBigUInt64LE(64), at);
  assert.equal(end.readUInt32LE(76 + 16), 0xffffffff);
});

const TIMES: readonly (readonly [string, number])[] = [
  ["before 1970", -1000],
  ["beyond 2038", 2 ** 31 * 1000],
  ["beyond what Date holds", 1e300],
  ["none", Number.NaN],
];

for (const [what, modifiedMs] of TIMES) {
  test(`a time that the records cannot tell is held at their edge, and not told twice (${what})`, () => {
    const header = new ZipRecords().beginFile(Buffer.from("a"), modifiedMs, 1);
    assert.equal(header.length, 31);
  });
}
