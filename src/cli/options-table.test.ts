import assert from "node:assert/strict";
import { test } from "node:test";
import { serveFlags } from "./flag-table.ts";
import { formatOptionsTable } from "./options-table.ts";

const lines = formatOptionsTable(serveFlags).split("\n");

test("formatOptionsTable prints header, rule, one row a flag, and ends with a line end", () => {
  assert.equal(lines[0], "| flag | environment | default | meaning |");
  assert.equal(lines[1], "| --- | --- | --- | --- |");
  assert.equal(lines.length, serveFlags.length + 3);
  assert.equal(lines.at(-1), "");
});

const rows: string[] = [
  "| `-p, --port N` | `PORT` | `8001` | listen on this port; 0 takes a free one |",
  "| `--host H,…` | `HOST` | every interface | listen on these addresses, names and sockets (unix:/run/weir.sock) only |",
  "| `--index`, `--no-index` |  | on | answer a folder with its index page where there is one |",
  "| `--hidden` |  | off | serve and list names that begin with a dot |",
  "| `--state DIR\\|memory` | `WEIR_STATE` | `$XDG_STATE_HOME/weir` | where hits are kept |",
];

for (const row of rows) {
  test(`formatOptionsTable prints ${row}`, () => assert.ok(lines.includes(row), lines.join("\n")));
}

test("formatOptionsTable gives every row four cells, pipes in them escaped", () => {
  for (const line of lines.slice(0, -1)) assert.equal(line.match(/(?<!\\)\|/g)?.length, 5, line);
});
