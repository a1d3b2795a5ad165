// What `weir serve` prints where its output is a pipe: the one line that programs wait for, and the log.
// What a person sees on a terminal is in terminal.full.test.ts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { hasEscapes, LOG_LINE, startProgram } from "../fixtures/interactive-weir.ts";

test("a pipe gets exactly one line on stderr, and log lines in the combined form on stdout [--qr]", async (t) => {
  const weir = startProgram(t, { args: ["--qr"] });
  const { port } = await weir.waitFor(
    /^weir: serving .* on http:\/\/localhost:(?<port>\d+) \(.*\)\n/,
  );
  assert.equal(weir.stdout(), "");
  await (await fetch(`http://localhost:${port}/a.txt`)).text();
  await weir.waitFor(/"GET \/a\.txt HTTP\/1\.1" 200 1 "-" "[^"]*"\n/);
  weir.interrupt();
  assert.equal(await weir.ended, 0);
  assert.match(
    weir.stderr(),
    /^weir: serving \/.*\/public on http:\/\/localhost:\d+ \(\d+ threads?, 5\/s per client\)\n$/,
  );
  assert.equal(weir.stdout().split("\n").length, 2);
  assert.ok(!hasEscapes(weir.stdout() + weir.stderr()));
});

test("a pipe gets a coloured log only where FORCE_COLOR asks for it [--log pretty]", async (t) => {
  for (const [env, isColoured] of [
    [{}, false],
    [{ FORCE_COLOR: "1" }, true],
  ] as const) {
    const weir = startProgram(t, { args: ["--log", "pretty"], env });
    const { port } = await weir.waitFor(/^weir: serving .*:(?<port>\d+) /);
    await (await fetch(`http://localhost:${port}/a.txt`)).text();
    await weir.waitFor(/GET \/a\.txt[^\n]*\n/);
    weir.interrupt();
    assert.equal(await weir.ended, 0);
    assert.match(stripVTControlCharacters(weir.stdout()), LOG_LINE);
    assert.equal(hasEscapes(weir.stdout()), isColoured);
    // The ready line is for programs.
    assert.ok(!hasEscapes(weir.stderr()));
  }
});
