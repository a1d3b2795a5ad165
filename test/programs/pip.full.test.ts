// pip as a client: a folder of wheels as a page of links, and folders by name as a "simple" index. No
// package comes from elsewhere.

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { requireProgram } from "../fixtures/system-program.ts";
import { makeTempFolder } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";
import { runClient } from "./run-client.ts";

const WHEEL = "weir_test-1.0-py3-none-any.whl";

/** A wheel is a zip with two files about itself. */
const MAKE_WHEEL = `
import sys, zipfile
info = "weir_test-1.0.dist-info/"
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    wheel.writestr("weir_test.py", "value = 1\\n")
    wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: weir-test\\nVersion: 1.0\\n")
    wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nGenerator: weir\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(info + "RECORD", "weir_test.py,,\\n" + info + "METADATA,,\\n" + info + "WHEEL,,\\n" + info + "RECORD,,\\n")
`;

test("pip downloads a wheel by a page of links and by an index of folders", async (t) => {
  const python = requireProgram(t, "python3", "python3");
  const pip = requireProgram(t, "pip3", "python3-pip");
  if (python === undefined || pip === undefined) return;
  const dir = makeTempFolder(t);
  const folder = makeTempFolder(t);
  mkdirSync(join(dir, "simple/weir-test"), { recursive: true });
  const wheel = join(dir, "simple/weir-test", WHEEL);
  writeFileSync(join(folder, "make.py"), MAKE_WHEEL);
  await runClient(python, ["make.py", wheel], folder);
  const weir = await startWeir(t, { dir, args: ["--rate", "off", "--log", "common"] });
  const env = { PIP_CONFIG_FILE: "/dev/null", PIP_DISABLE_PIP_VERSION_CHECK: "1", NO_PROXY: "*" };
  for (const [name, args] of [
    ["links", ["--no-index", "--find-links", `${weir.url}/simple/weir-test/`]],
    ["index", ["--index-url", `${weir.url}/simple/`]],
  ] as const) {
    const out = join(folder, name);
    await runClient(
      pip,
      ["download", "--no-deps", "--no-cache-dir", "-d", out, ...args, "weir-test"],
      folder,
      env,
    );
    assert.deepEqual(readdirSync(out), [WHEEL]);
    assert.ok(readFileSync(join(out, WHEEL)).equals(readFileSync(wheel)));
  }
});
