// curl in the manner of dnf, which asks for 256 parts of a zchunk file in one request and takes the whole
// file for a failure.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseByteRanges } from "../fixtures/byte-ranges.ts";
import { LARGE, serveDownload } from "./served-download.ts";

const PART_BYTES = 700;

for (const count of [2, 33, 100, 256]) {
  test(`${count} small parts of a file come in one answer, in their order`, async (t) => {
    const client = await serveDownload(t, "curl", "curl");
    if (client === undefined) return;
    const { url, call } = client;
    const starts = Array.from({ length: count }, (_, at) => 1000 + at * 40_000);
    const ranges = starts.map((start) => `${start}-${start + PART_BYTES - 1}`).join(",");
    const answer = await call("--silent", "--include", "--range", ranges, `${url}/large.bin`);
    const end = answer.indexOf("\r\n\r\n");
    const head = answer.toString("latin1", 0, end);
    assert.match(head, /^HTTP\/1\.1 206 /);
    const contentType = /^Content-Type: (.*)$/m.exec(head)?.[1]?.trim() ?? "";
    const parts = parseByteRanges(contentType, answer.subarray(end + 4));
    assert.deepEqual(
      parts.map(({ offsetBytes }) => offsetBytes),
      starts,
    );
    for (const { offsetBytes, bytes } of parts) {
      assert.ok(bytes.equals(LARGE.subarray(offsetBytes, offsetBytes + PART_BYTES)));
    }
  });
}
