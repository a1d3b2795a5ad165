// Printed QR codes are read by a program that people have, from a picture of the terminal.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readQrCode } from "../../test/fixtures/qr-reader.ts";
import { requireProgram } from "../../test/fixtures/system-program.ts";
import { formatQrSection, makeQrModules } from "./start-message.ts";

const DARK = { foreground: 220, background: 20 };
const LIGHT = { foreground: 20, background: 240 };
const URLS = [
  "http://10.0.0.1:80",
  "http://192.168.178.123:65535",
  "http://[2001:db8:1234:5678:9abc:def0:1234:5678]:65535",
  "http://a-rather-long-name-of-a-machine.department.example.org:8001",
];

for (const url of URLS) {
  test(`a decoder reads the code as it is printed, on dark and on light terminals [${url}]`, async (t) => {
    const zbarimg = requireProgram(t, "zbarimg", "zbar-tools");
    if (zbarimg === undefined) return;
    const modules = await makeQrModules(url);
    for (const rows of [0, 100, 24]) {
      const coloured = formatQrSection(url, modules, { columns: 80, rows, isColoured: true });
      assert.equal(readQrCode(t, zbarimg, coloured, DARK), url);
      assert.equal(readQrCode(t, zbarimg, coloured, LIGHT), url);
      const plain = formatQrSection(url, modules, { columns: 80, rows, isColoured: false });
      assert.equal(readQrCode(t, zbarimg, plain, DARK), url);
    }
  });
}
