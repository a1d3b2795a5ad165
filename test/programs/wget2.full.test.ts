// wget2 as a client: it goes on after a break, and gets a file in pieces over several connections.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { LARGE, serveDownload } from "./served-download.ts";

test("wget2 gets the rest of a file, and a file in chunks", async (t) => {
  const client = await serveDownload(t, "wget2", "wget2");
  if (client === undefined) return;
  const { url, folder, call, assertSame } = client;
  writeFileSync(join(folder, "large.bin"), LARGE.subarray(0, 7_000_001));
  await call("--quiet", "--continue", `${url}/large.bin`);
  assertSame();
  writeFileSync(join(folder, "large.bin"), "");
  await call(
    "--quiet",
    "--chunk-size=1M",
    "--max-threads=5",
    "-O",
    "large.bin",
    `${url}/large.bin`,
  );
  assertSame();
});
