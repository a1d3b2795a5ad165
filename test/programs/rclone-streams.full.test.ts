// rclone as a client: it reads listings, and a large file in several streams.

import assert from "node:assert/strict";
import { test } from "node:test";
import { serveDownload } from "./served-download.ts";

test("rclone copies a folder, large files in streams, and finds nothing to copy again", async (t) => {
  const client = await serveDownload(t, "rclone", "rclone", {
    "ä & b.txt": "odd",
    deep: { er: { "c.txt": "deep" } },
    empty: {},
  });
  if (client === undefined) return;
  const { url, call, assertSame } = client;
  const copy = () =>
    call(
      ...["copy", ":http:", ".", "--http-url", `${url}/`, "--multi-thread-streams", "4"],
      ...["--multi-thread-cutoff", "1M", "--stats-one-line", "--stats", "1h"],
    );
  await copy();
  for (const name of ["large.bin", "ä & b.txt", "deep/er/c.txt"]) assertSame(name);
  await copy();
  const check = ["check", ":http:", ".", "--http-url", `${url}/`, "--download", "--one-way"];
  await call(...check);
  const statuses = await client.statuses();
  assert.ok(statuses.filter((status) => status === "206").length >= 4);
  assert.deepEqual(
    statuses.filter((status) => Number(status) >= 400),
    [],
  );
});
