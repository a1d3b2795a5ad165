// aria2 as a client: sixteen connections for one file, and the rest of one that was begun.

import assert from "node:assert/strict";
import { test } from "node:test";
import { serveDownload } from "./served-download.ts";

test("aria2c gets a file over 16 connections, each for parts of it", async (t) => {
  const client = await serveDownload(t, "aria2c", "aria2");
  if (client === undefined) return;
  const { url, call, assertSame } = client;
  await call("--quiet", "-x16", "-s16", "-k1M", `${url}/large.bin`);
  assertSame();
  const statuses = await client.statuses();
  assert.ok(statuses.filter((status) => status === "206").length >= 8, statuses.join(" "));
});
