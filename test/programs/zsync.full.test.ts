// zsync as a client: it has an old version of a file, asks for the blocks that differ with several
// ranges a request, and reads multipart/byteranges in a way of its own.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { requireProgram } from "../fixtures/system-program.ts";
import { makeTempFolder } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";
import { runClient } from "./run-client.ts";

const SIZE_BYTES = 8_000_000;
/** A request each would still be few; zsync puts many ranges into one. */
const REQUESTS_MAX = 40;

/** Where the new version differs from the old one, and how. */
const CHANGES: readonly (readonly [string, (bytes: Buffer) => Buffer])[] = [
  [
    "20 places far apart",
    (old) => {
      const bytes = Buffer.from(old);
      for (let at = 0; at < 20; at++) randomBytes(4000).copy(bytes, at * 400_000 + 1234);
      return bytes;
    },
  ],
  [
    "the first and the last byte",
    (old) => Buffer.concat([Buffer.of(1), old.subarray(1, -1), Buffer.of(2)]),
  ],
  ["a megabyte more at the end", (old) => Buffer.concat([old, randomBytes(1_000_000)])],
  [
    "50 kB less in the middle",
    (old) => Buffer.concat([old.subarray(0, 4e6), old.subarray(4_050_000)]),
  ],
];

for (const [change, make] of CHANGES) {
  test(`zsync brings an old file up to date with few requests [${change}]`, async (t) => {
    const zsync = requireProgram(t, "zsync", "zsync");
    const zsyncmake = requireProgram(t, "zsyncmake", "zsync");
    if (zsync === undefined || zsyncmake === undefined) return;
    const dir = makeTempFolder(t);
    const folder = makeTempFolder(t);
    const old = randomBytes(SIZE_BYTES);
    const wanted = make(old);
    writeFileSync(join(folder, "old"), old);
    writeFileSync(join(dir, "new"), wanted);
    await runClient(zsyncmake, ["-u", "new", "new"], dir);
    const weir = await startWeir(t, { dir, args: ["--rate", "off", "--log", "common"] });
    await runClient(zsync, ["-i", "old", `${weir.url}/new.zsync`], folder);
    assert.ok(readFileSync(join(folder, "new")).equals(wanted));
    await weir.stop();
    const requestCount = weir.stdout().trim().split("\n").length;
    assert.ok(requestCount <= REQUESTS_MAX, `${requestCount} requests`);
  });
}
