// apt as a client: a small repository of Debian packages, served by weir, updated from and downloaded
// from. apt pipelines, asks conditionally and checks every byte against a hash.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { requireProgram } from "../fixtures/system-program.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";

const run = promisify(execFile);

/** A flat repository with one package: `weir-apt-test_1.0_all.deb` and its index. */
async function makeRepository(dpkgDeb: string, folder: string): Promise<Buffer> {
  writeTree(join(folder, "source"), {
    DEBIAN: {
      control:
        "Package: weir-apt-test\nVersion: 1.0\nArchitecture: all\nMaintainer: weir <weir@weir.test>\nDescription: a test\n",
    },
    "usr/share/weir-apt-test/data": "x".repeat(300_000),
  });
  const repository = join(folder, "repository");
  mkdirSync(repository);
  const name = "weir-apt-test_1.0_all.deb";
  await run(dpkgDeb, [
    "--build",
    "--root-owner-group",
    join(folder, "source"),
    join(repository, name),
  ]);
  const bytes = readFileSync(join(repository, name));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const control = readFileSync(join(folder, "source/DEBIAN/control"), "latin1");
  const index = `${control}Filename: ./${name}\nSize: ${bytes.length}\nSHA256: ${sha256}\n`;
  writeFileSync(join(repository, "Packages"), index);
  const indexSha256 = createHash("sha256").update(index).digest("hex");
  const release = `Date: ${new Date().toUTCString()}\nSHA256:\n ${indexSha256} ${index.length} Packages\n`;
  writeFileSync(join(repository, "Release"), release);
  return bytes;
}

test("apt updates from and downloads from a repository served by weir", async (t) => {
  const dpkgDeb = requireProgram(t, "dpkg-deb", "dpkg");
  const apt = requireProgram(t, "apt-get", "apt");
  if (dpkgDeb === undefined || apt === undefined) return;
  const folder = makeTempFolder(t);
  const bytes = await makeRepository(dpkgDeb, folder);
  const weir = await startWeir(t, { dir: join(folder, "repository"), args: ["--rate", "off"] });
  writeTree(folder, {
    "sources.list": `deb [trusted=yes] ${weir.url} ./\n`,
    apt: { "lists/partial": {}, "cache/archives/partial": {}, state: {}, status: "" },
    downloads: {},
  });
  const options = [
    ["Dir::State", join(folder, "apt/state")],
    ["Dir::State::lists", join(folder, "apt/lists")],
    ["Dir::State::status", join(folder, "apt/status")],
    ["Dir::Cache", join(folder, "apt/cache")],
    ["Dir::Etc::sourcelist", join(folder, "sources.list")],
    ["Dir::Etc::sourceparts", "/dev/null"],
    ["Acquire::http::Proxy", "DIRECT"],
    ["APT::Sandbox::User", ""],
  ].flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  const env = { ...process.env, http_proxy: "", LC_ALL: "C" };
  for (let round = 1; round <= 2; round++) {
    const { stdout, stderr } = await run(apt, [...options, "update"], { env });
    assert.doesNotMatch(stdout + stderr, /^(?:Err|E|W):/m, `update ${round}`);
  }
  const cwd = join(folder, "downloads");
  await run(apt, [...options, "download", "weir-apt-test"], { env, cwd });
  assert.deepEqual(readdirSync(cwd), ["weir-apt-test_1.0_all.deb"]);
  assert.deepEqual(readFileSync(join(cwd, "weir-apt-test_1.0_all.deb")), bytes);
});
