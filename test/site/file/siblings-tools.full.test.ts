// Compressed siblings as real tools make and move them: brotli, zstd, gzip, and then zip, tar and rsync.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { ask, field, NO_LIMIT } from "../../fixtures/ask-weir.ts";
import { requireProgram } from "../../fixtures/system-program.ts";
import { makeTempFolder, writeTree } from "../../fixtures/temp-folder.ts";
import { startWeir } from "../../fixtures/weir-process.ts";

const COUNT = 20;
const NAMES = Array.from({ length: COUNT }, (_, index) => `${index}.html`);
const CODINGS = { br: ".br", zstd: ".zst", gzip: ".gz" } as const;

/** Moves a folder's content into a new one, by a way that people use. */
const WAYS: readonly (readonly [name: string, script: string])[] = [
  ["cp -r", 'cp -r "$0/." "$1"'],
  ["tar", 'tar -C "$0" -cf - . | tar -C "$1" -xf -'],
  ["zip and unzip", 'cd "$0" && zip -qr ../moved.zip . && unzip -qd "$1" ../moved.zip'],
  ["zip without Unix times", 'cd "$0" && zip -qrX ../plain.zip . && unzip -qd "$1" ../plain.zip'],
  ["rsync -a", 'rsync -a "$0/" "$1"'],
  ["rsync without times", 'rsync -r "$0/" "$1"'],
];

function compressAll(t: TestContext, dir: string): boolean {
  const brotli = requireProgram(t, "brotli", "brotli");
  const zstd = requireProgram(t, "zstd", "zstd");
  const gzip = requireProgram(t, "gzip", "gzip");
  if (brotli === undefined || zstd === undefined || gzip === undefined) return false;
  for (const name of NAMES) {
    execFileSync(brotli, ["-k", name], { cwd: dir });
    execFileSync(zstd, ["-qk", name], { cwd: dir });
    execFileSync(gzip, ["-k", name], { cwd: dir });
  }
  return true;
}

test("every sibling is used as its tool left it, and after each way of moving it", async (t) => {
  const parent = makeTempFolder(t);
  const built = join(parent, "built");
  mkdirSync(built);
  writeTree(built, Object.fromEntries(NAMES.map((name) => [name, `<p>${name}</p>\n`.repeat(200)])));
  if (!compressAll(t, built)) return;
  for (const program of ["zip", "rsync", "unzip"]) {
    if (requireProgram(t, program, program) === undefined) return;
  }
  const folders: [string, string][] = [["as it was built", built]];
  for (const [way, script] of WAYS) {
    const to = join(parent, way.replaceAll(" ", "-"));
    mkdirSync(to);
    execFileSync("sh", ["-c", script, built, to]);
    folders.push([way, to]);
  }
  for (const [way, dir] of folders) {
    // Without on-the-fly coding there is none but that of a sibling.
    const weir = await startWeir(t, { dir, args: NO_LIMIT });
    for (const [coding, ending] of Object.entries(CODINGS)) {
      for (const name of NAMES) {
        const coded = await ask(weir, `/${name}`, { fields: [`Accept-Encoding: ${coding}`] });
        const sibling = await ask(weir, `/${name}${ending}`);
        assert.equal(field(coded, "content-encoding"), coding);
        assert.ok(coded.body.equals(sibling.body), `${way}: ${name}${ending} is not used`);
      }
    }
    assert.doesNotMatch(weir.stderr(), /not used/, way);
    await weir.stop();
  }
});
