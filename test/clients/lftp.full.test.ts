// lftp as a client: it asks for a file in several parts at once, goes on after a break, and mirrors a
// folder by its listing.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { LARGE, serveDownload } from "./served-download.ts";

test("lftp gets a file in eight parts, the rest of a file, and a folder with its folders", async (t) => {
  const client = await serveDownload(t, "lftp", "lftp", {
    mirrored: { "a b.txt": "with a blank", deep: { er: { "c%.txt": "percent" } } },
  });
  if (client === undefined) return;
  const { url, folder, call, assertSame } = client;
  await call("-c", `pget -n 8 ${url}/large.bin`);
  assertSame();
  writeFileSync(join(folder, "large.bin"), LARGE.subarray(0, 5_000_000));
  await call("-c", `get -c ${url}/large.bin`);
  assertSame();
  await call("-c", `mirror ${url}/mirrored/ mirrored`);
  assertSame("mirrored/a b.txt");
  assertSame("mirrored/deep/er/c%.txt");
  const statuses = await client.statuses();
  assert.ok(statuses.filter((status) => status === "206").length >= 8);
  assert.deepEqual(
    statuses.filter((status) => Number(status) >= 400),
    [],
  );
});
