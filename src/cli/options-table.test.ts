import assert from "node:assert/strict";
import { test } from "node:test";
import { serveFlags, serveGroups } from "../config/serve-flags.ts";
import { formatOptions, formatOptionsTable } from "./options-table.ts";

const lines = formatOptionsTable(serveFlags).split("\n");

test("formatOptionsTable prints header, rule, one row per flag, and ends with a line end", () => {
  assert.equal(lines[0], "| flag | environment | default | meaning |");
  assert.equal(lines[1], "| --- | --- | --- | --- |");
  assert.equal(lines.length, serveFlags.length + 3);
  assert.equal(lines.at(-1), "");
});

const rows: string[] = [
  "| `-p, --port N` | `PORT` | `8001` | listen on this port; 0 takes a free one |",
  "| `--host H,…` | `HOST` | every interface | listen only on these addresses, names and sockets (unix:/run/weir.sock) |",
  "| `--index`, `--no-index` | `WEIR_INDEX` | on | answer a folder with its index page if it has one |",
  "| `--hidden` | `WEIR_HIDDEN` | off | serve and list names that begin with a dot |",
  "| `--state DIR\\|memory` | `WEIR_STATE` | `$XDG_STATE_HOME/weir` | where hits are kept |",
];

for (const row of rows) {
  test(`formatOptionsTable prints ${row}`, () => assert.ok(lines.includes(row), lines.join("\n")));
}

test("formatOptionsTable gives every row four cells, pipes in them escaped", () => {
  for (const line of lines.slice(0, -1)) assert.equal(line.match(/(?<!\\)\|/g)?.length, 5, line);
});

test("formatOptions prints every flag once, below the heading of its group", () => {
  const text = formatOptions(serveGroups);
  const headings = [...text.matchAll(/^#### (.+)$/gm)].map(([, title]) => title);
  assert.deepEqual(
    headings,
    serveGroups.map(({ title }) => title),
  );
  for (const { name } of serveFlags) {
    assert.equal(text.match(new RegExp(`\`(?:-., )?--${name}[ \`]`, "g"))?.length, 1, name);
  }
});
