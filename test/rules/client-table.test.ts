// Holds the table of docs/FLEET.md, who the client is of which fields, to what the code makes of them.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Clients } from "../../src/clients/clients.ts";
import { parseFieldLines } from "../../src/http1/field-lines.ts";
import { ClientTallies } from "../../src/metrics/client-tallies.ts";
import { httpLimits } from "../../src/transport/engine.ts";

const PAGE = readFileSync(new URL("../../docs/FLEET.md", import.meta.url), "utf8");
const ROWS = [...PAGE.matchAll(/^\| ((?:`\S+: |none ).*) \| (\S+) \|$/gm)];

const clients = new Clients({
  ipv6PrefixBits: 64,
  trustedProxies: [{ address: "10.0.0.0", prefixBits: 24 }],
  exempt: [],
  hashSecret: randomBytes(32),
  tallies: new ClientTallies(),
});

test("the table of clients has rows", () => {
  assert.match(PAGE, /^\| from 10\.0\.0\.1, with `--trust-proxy 10\.0\.0\.0\/24` \| client \|$/m);
  assert.equal(ROWS.length, 7);
});

for (const [, fields = "", client = ""] of ROWS) {
  test(`docs/FLEET.md: the client of ${fields} is ${client}`, () => {
    const lines = [...fields.matchAll(/`([^`]+)`/g)].map(([, line]) => `${line}\r\n`);
    const lineEnds: number[] = [];
    let text = "";
    for (const line of lines) {
      text += line;
      lineEnds.push(text.length - 2);
    }
    const place = { bytes: Buffer.from(text, "latin1"), start: 0, lineEnds };
    const block = parseFieldLines(place, httpLimits);
    assert.ok("fields" in block);
    const proxy = clients.ofAddress("10.0.0.1");
    assert.equal(clients.ofRequest(proxy, block.fields).name, client);
  });
}
