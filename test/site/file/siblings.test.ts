// Compressed siblings, from outside, as tools leave them: with times of whole seconds, or copied in any
// order. Older ones are never sent, and told of once.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { brotliCompressSync, brotliDecompressSync, constants, gzipSync } from "node:zlib";
import { ask, field, serve } from "../../fixtures/ask-weir.ts";
import { waitUntil } from "../../fixtures/process-facts.ts";
import { makeTempFolder, type Tree, writeTree } from "../../fixtures/temp-folder.ts";
import type { WeirProcess } from "../../fixtures/weir-process.ts";

const COUNT = 60;
const BROWSER_CODINGS = { fields: ["Accept-Encoding: gzip, br"] };
const TEXTS = Array.from({ length: COUNT }, (_, index) => `line of ${index}\n`.repeat(300));

/** Made otherwise than weir would, so that its length tells it from what is made on the fly. */
function compress(text: string): Buffer {
  return brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 0 } });
}

function pairs(): Tree {
  const files = TEXTS.map((text, index) => [`${index}.js`, text] as const);
  const siblings = TEXTS.map((text, index) => [`${index}.js.br`, compress(text)] as const);
  return Object.fromEntries([...files, ...siblings]);
}

/** How many of the files are sent by their siblings; each decodes to its file in any case. */
async function countUsed(weir: WeirProcess): Promise<number> {
  let usedCount = 0;
  for (const [index, text] of TEXTS.entries()) {
    const response = await ask(weir, `/${index}.js`, BROWSER_CODINGS);
    assert.equal(field(response, "content-encoding"), "br");
    assert.equal(brotliDecompressSync(response.body).toString(), text);
    if (response.body.equals(compress(text))) usedCount++;
  }
  return usedCount;
}

/** The whole second of a file's time, as brotli -k gives it to its sibling. */
function giveWholeSecond(dir: string, name: string): void {
  const { mtimeMs } = statSync(join(dir, name));
  const second = Math.floor(mtimeMs / 1000);
  utimesSync(join(dir, `${name}.br`), second, second);
}

test("60 siblings with the whole second of their files are all used, without a warning", async (t) => {
  const weir = await serve(t, pairs(), []);
  for (let index = 0; index < COUNT; index++) giveWholeSecond(weir.dir, `${index}.js`);
  assert.equal(await countUsed(weir), COUNT);
  assert.doesNotMatch(weir.stderr(), /not used/);
});

test("60 siblings that cp -r copied, in whatever order, are all used; with cp -a, too", async (t) => {
  const from = makeTempFolder(t);
  writeTree(from, pairs());
  for (let index = 0; index < COUNT; index++) giveWholeSecond(from, `${index}.js`);
  for (const option of ["-r", "-a"]) {
    const weir = await serve(t, {}, []);
    execFileSync("cp", [option, `${from}/.`, weir.dir]);
    // As a folder that names every sibling before its file has them copied.
    if (option === "-r") {
      for (let index = 0; index < COUNT; index += 2) {
        const seconds = statSync(join(weir.dir, `${index}.js`)).mtimeMs / 1000 - 0.012;
        utimesSync(join(weir.dir, `${index}.js.br`), seconds, seconds);
      }
    }
    assert.equal(await countUsed(weir), COUNT, option);
    assert.doesNotMatch(weir.stderr(), /not used/);
  }
});

test("a sibling of even seconds, as zip and FAT keep them, is used if it holds its file, else not", async (t) => {
  const weir = await serve(t, pairs(), []);
  const even = 1_790_000_000;
  for (let index = 0; index < COUNT; index++) {
    utimesSync(join(weir.dir, `${index}.js`), even + 1.9, even + 1.9);
    utimesSync(join(weir.dir, `${index}.js.br`), even, even);
  }
  assert.equal(await countUsed(weir), COUNT);
  writeFileSync(join(weir.dir, "0.js.br"), compress("another version"));
  utimesSync(join(weir.dir, "0.js.br"), even, even);
  assert.equal(await countUsed(weir), COUNT - 1);
});

test("a file that is edited a moment after it was compressed is sent as it is now", async (t) => {
  const weir = await serve(t, { "a.js": TEXTS[0]!, "a.js.br": compress(TEXTS[0]!) }, []);
  for (const text of TEXTS.slice(1, 5)) {
    // Beyond the step of the kernel's clock for files.
    await setTimeout(20);
    writeFileSync(join(weir.dir, "a.js"), text);
    const response = await ask(weir, "/a.js", BROWSER_CODINGS);
    assert.equal(brotliDecompressSync(response.body).toString(), text);
  }
});

test("a sibling that is older is reported once in the life of a server, with both names and times, on one line", async (t) => {
  const tree = { "a.js": TEXTS[0]!, "a.js.br": "old", "b.css": TEXTS[1]!, "b.css.gz": "old" };
  const weir = await serve(t, { ...tree, "ü\n.js": TEXTS[2]!, "ü\n.js.gz": "old" }, [
    "--workers",
    "2",
  ]);
  const old = new Date("2020-02-02T02:02:02.000Z");
  for (const name of ["a.js.br", "b.css.gz", "ü\n.js.gz"])
    utimesSync(join(weir.dir, name), old, old);
  const first = await ask(weir, "/%C3%BC%0A.js", { fields: ["Accept-Encoding: gzip"] });
  assert.notEqual(first.body.toString(), "old");
  await waitUntil("it is told", () => /not used/.test(weir.stderr()));
  for (let turn = 0; turn < 20; turn++) {
    const target = turn % 2 === 0 ? "/a.js" : "/b.css";
    assert.notEqual((await ask(weir, target, BROWSER_CODINGS)).body.toString(), "old");
  }
  await weir.stop();
  const lines = weir
    .stderr()
    .split("\n")
    .filter((line) => line.includes("not used"));
  assert.equal(lines.length, 1);
  assert.match(
    lines[0]!,
    /^weir: "\/ü\\n\.js\.gz" is not used, because it is older than "\/ü\\n\.js" \(2020-02-02T02:02:02\.000Z and 2\d{3}-.*Z\): compress the file again/,
  );
});

test("a sibling that is newer is used whatever it holds: its maker answers for it", async (t) => {
  const weir = await serve(t, { "a.css": TEXTS[0]!, "a.css.gz": gzipSync("another") }, []);
  const response = await ask(weir, "/a.css", { fields: ["Accept-Encoding: gzip"] });
  assert.ok(response.body.equals(gzipSync("another")));
});
