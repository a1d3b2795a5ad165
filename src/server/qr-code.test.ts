import assert from "node:assert/strict";
import { test } from "node:test";
import { findQrLines } from "../../test/fixtures/qr-reader.ts";
import { formatQrSection, makeQrModules, makeQrSection } from "./qr-code.ts";

const SHORT_URL = "http://10.0.0.1:80";
const URL_OF_A_HOME = "http://192.168.178.123:65535";

test("without colours the code has no escapes and the quiet zone is light [a dark terminal]", async () => {
  const text = await makeQrSection(SHORT_URL, { columns: 80, rows: 100, isColoured: false });
  assert.ok(!text.includes("\x1b"));
  const [first = "", second = ""] = findQrLines(text);
  assert.match(first, /^ {2}█+$/);
  assert.match(second, /^ {2}█{4}.*█{4}$/);
});

test("the quiet zone is 4 modules where there is room, else 2, in width and height", async () => {
  const modules = await makeQrModules(URL_OF_A_HOME);
  const size = modules.length;
  const lineOf = (columns: number, rows: number) => {
    const terminal = { columns, rows, isColoured: false };
    return findQrLines(formatQrSection("", modules, terminal))[0]?.length;
  };
  const wide = 2 + size + 8;
  assert.equal(lineOf(wide, 0), wide);
  assert.equal(lineOf(wide - 1, 0), wide - 4);
  assert.equal(lineOf(80, 24), wide - 4);
  assert.equal(lineOf(80, 100), wide);
});

test("a code is never wider than the terminal: a line says so instead [one column too few]", async () => {
  const url = URL_OF_A_HOME;
  const modules = await makeQrModules(url);
  const needed = 2 + modules.length + 4;
  const fits = formatQrSection(url, modules, { columns: needed, rows: 24, isColoured: true });
  assert.equal(findQrLines(fits).length, (modules.length + 5) / 2);
  const text = formatQrSection(url, modules, { columns: needed - 1, rows: 24, isColoured: true });
  assert.equal(
    text,
    `  No QR code: it needs ${needed} columns, and this terminal has ${needed - 1}.\n\n`,
  );
});

test("where a phone could reach nothing, a line says so", async () => {
  const text = await makeQrSection(undefined, { columns: 80, rows: 24, isColoured: true });
  assert.match(text, /^ {2}No QR code: this machine has no address [^\n]*\n\n$/);
});
