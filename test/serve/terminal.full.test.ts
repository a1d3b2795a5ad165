// `weir serve` as a person meets it on a terminal: the banner, the colours, the log, Ctrl-C. The
// terminal is a real one, made by `script`. What a pipe gets is in piped-output.test.ts.

import assert from "node:assert/strict";
import { once } from "node:events";
import { truncateSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { isListening } from "../fixtures/free-port.ts";
import { hasEscapes, LOG_LINE } from "../fixtures/interactive-weir.ts";
import { readQrCode } from "../fixtures/qr-reader.ts";
import { requireProgram } from "../fixtures/system-program.ts";
import { startOnTerminal } from "../fixtures/terminal-program.ts";

const CTRL_C = "\x03";
const LOCAL = /^ {2}Local +http:\/\/localhost:(?<port>\d+)$/m;

test("a terminal gets a banner with the address, the limit and how to change it [NO_COLOR=1]", async (t) => {
  const weir = startOnTerminal(t, { env: { NO_COLOR: "1" } });
  if (weir === undefined) return;
  const { port } = await weir.waitFor(LOCAL);
  assert.notEqual(port, "0");
  await weir.waitFor(/Ctrl-C stops it/);
  const banner = weir.stdout();
  assert.match(banner, /^ {2}weir {2}serving \/.*\/public$/m);
  assert.match(banner, /^ {2}Limit +5\/s for each client .*--rate \d+\/s.*--rate off/m);
  assert.doesNotMatch(banner, /^weir: serving/m);
  const lines = banner.split("\n").filter((line) => !line.includes(weir.dir));
  for (const line of lines) assert.ok(line.length <= 80, line);
  const answer = await fetch(`http://localhost:${port}/a.txt`);
  assert.equal(await answer.text(), "a");
  await weir.waitFor(LOG_LINE);
  weir.type(CTRL_C);
  assert.equal(await weir.ended, 0);
  assert.ok(!hasEscapes(weir.stdout()), JSON.stringify(weir.stdout()));
});

test("a terminal with colours gets the same text in colour, and each ends [xterm-256color]", async (t) => {
  const weir = startOnTerminal(t, { args: ["--host", "127.0.0.1", "--rate", "off"] });
  if (weir === undefined) return;
  await weir.waitFor(/Ctrl-C stops it[^\n]*\n/);
  const banner = weir.stdout();
  assert.ok(hasEscapes(banner));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
  const colours = Array.from(banner.matchAll(/\x1b\[(\d+)m/g), ([, code]) => Number(code));
  assert.equal(colours.length % 2, 0);
  const text = stripVTControlCharacters(banner);
  assert.ok(!hasEscapes(text));
  assert.match(text, /^ {2}Address +http:\/\/127\.0\.0\.1:\d+$/m);
  assert.match(text, /^ {2}Limit +none .*--rate 5\/s/m);
  weir.type(CTRL_C);
  assert.equal(await weir.ended, 0);
});

const COLOUR_SETTINGS: readonly [Record<string, string>, boolean][] = [
  [{}, true],
  [{ TERM: "dumb" }, false],
  [{ NO_COLOR: "1" }, false],
  [{ NODE_DISABLE_COLORS: "1" }, false],
  [{ TERM: "dumb", FORCE_COLOR: "1" }, true],
  [{ FORCE_COLOR: "0" }, false],
];

for (const [env, isColoured] of COLOUR_SETTINGS) {
  const settings = JSON.stringify(env);
  test(`banner, code and log ${isColoured ? "have" : "have no"} colours on a terminal [${settings}]`, async (t) => {
    const weir = startOnTerminal(t, { args: ["--qr", "--host", "127.0.0.1"], env });
    if (weir === undefined) return;
    await weir.waitFor(/Scan it to open/);
    const start = weir.stdout();
    assert.equal(start.includes("\x1b[1mweir\x1b[22m"), isColoured);
    assert.equal(start.includes("\x1b[30;47;107m"), isColoured);
    const port = /127\.0\.0\.1:(\d+)/.exec(start)?.[1];
    await (await fetch(`http://127.0.0.1:${port}/a.txt`)).text();
    await weir.waitFor(/GET \/a\.txt[^\n]*\n/);
    const log = weir.stdout().slice(start.length);
    assert.match(stripVTControlCharacters(log), LOG_LINE);
    assert.equal(log.includes("\x1b[32m200\x1b[39m"), isColoured);
    assert.equal(hasEscapes(log), isColoured);
    weir.type(CTRL_C);
    assert.equal(await weir.ended, 0);
    assert.equal(hasEscapes(weir.stdout()), isColoured);
  });
}

const QR_SETTINGS: readonly Record<string, string>[] = [{}, { NO_COLOR: "1" }];

for (const env of QR_SETTINGS) {
  test(`--qr shows a code that a decoder reads as the address [${JSON.stringify(env)}]`, async (t) => {
    const zbarimg = requireProgram(t, "zbarimg", "zbar-tools");
    if (zbarimg === undefined) return;
    const args = ["--qr", "--host", "127.0.0.1"];
    const weir = startOnTerminal(t, { args, env, columns: 80 });
    if (weir === undefined) return;
    const { url = "" } = await weir.waitFor(/Scan it to open (?<url>http:\/\/127\.0\.0\.1:\d+)\n/);
    const dark = { foreground: 200, background: 0 };
    assert.equal(readQrCode(t, zbarimg, weir.stdout(), dark), url);
    weir.type(CTRL_C);
    assert.equal(await weir.ended, 0);
  });
}

test("--qr on every interface shows the first network address, or says that there is none", async (t) => {
  const weir = startOnTerminal(t, { args: ["--qr"], env: { NO_COLOR: "1" }, columns: 80 });
  if (weir === undefined) return;
  await weir.waitFor(/(Scan it to open|No QR code:) [^\n]*\n/);
  const first = /^ {2}Network +(http:\/\/\S+)$/m.exec(weir.stdout())?.[1];
  const expected = first === undefined ? "No QR code: this machine" : `Scan it to open ${first}\n`;
  assert.ok(weir.stdout().includes(expected), weir.stdout());
  weir.type(CTRL_C);
  assert.equal(await weir.ended, 0);
});

test("on a terminal too narrow for the code a line says so [30 columns]", async (t) => {
  const args = ["--qr", "--host", "127.0.0.1"];
  const weir = startOnTerminal(t, { args, columns: 30 });
  if (weir === undefined) return;
  await weir.waitFor(/^ {2}No QR code: it needs \d+ columns, and this terminal has 30\.\n/m);
  assert.doesNotMatch(weir.stdout(), /[▀▄█]/);
  weir.type(CTRL_C);
  assert.equal(await weir.ended, 0);
});

test("a second Ctrl-C does not wait for the answer in progress [1 GiB that nobody reads]", async (t) => {
  const weir = startOnTerminal(t, { args: ["--drain", "60s"], env: { NO_COLOR: "1" } });
  if (weir === undefined) return;
  truncateSync(join(weir.dir, "large.bin"), 1024 ** 3);
  const port = Number((await weir.waitFor(LOCAL)).port);
  const client = connect(port, "127.0.0.1");
  t.after(() => client.destroy());
  client.on("error", () => {});
  client.write("GET /large.bin HTTP/1.1\r\nHost: weir.test\r\n\r\n");
  await once(client, "data");
  client.pause();
  weir.type(CTRL_C);
  // Two signals at once may arrive as one: the first has to be taken before the second is sent.
  while (await isListening(port));
  const state = await Promise.race([weir.ended, wait(200, "still running")]);
  assert.equal(state, "still running");
  weir.type(CTRL_C);
  assert.equal(await weir.ended, 130);
});

test("on a terminal the first refusal is told, with the flag that helps [--rate 1/h]", async (t) => {
  const weir = startOnTerminal(t, {
    args: ["--host", "127.0.0.1", "--rate", "1/h"],
    env: { NO_COLOR: "1" },
  });
  if (weir === undefined) return;
  const { url = "" } = await weir.waitFor(/Address +(?<url>http:\/\/127\.0\.0\.1:\d+)/);
  for (let asked = 0; asked < 3; asked++) await (await fetch(`${url}/a.txt`)).text();
  await weir.waitFor(/weir: 127\.0\.0\.1 has reached the limit of 1\/h .*--exempt local\)\n/);
  weir.type(CTRL_C);
  await weir.ended;
  assert.equal(weir.stdout().match(/has reached the limit/g)?.length, 1);
});
