import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import type { FlagTable } from "../config/flag.ts";
import { serveFlags, serveGroups } from "../config/serve-flags.ts";
import type { Command } from "./command.ts";
import {
  formatCommandHelp,
  formatOptions,
  formatOptionsTable,
  formatOverview,
  PAGE_COLUMN_COUNT,
} from "./help.ts";

const command: Command = {
  name: "dig",
  summary: "dig a channel",
  usage: ["dig FROM TO [options]"],
  details: ["word ".repeat(40).trim()],
  flags: serveFlags,
  examples: [{ text: "weir dig a b", meaning: "from a to b, ".repeat(12).trim() }],
  exitCodes: [[99, "the channel is too narrow"]],
  run: async () => 0,
};

const table: FlagTable = serveFlags;
const page = formatCommandHelp(command, { isColored: false });

test("formatCommandHelp fits 80 columns and has no trailing blanks", () => {
  for (const line of page.split("\n")) {
    assert.ok(line.length <= PAGE_COLUMN_COUNT, line);
    assert.equal(line, line.trimEnd());
  }
});

function headingsOf(text: string): string[] {
  return text.match(/^[A-Z][A-Za-z ]+$/gm) ?? [];
}

test("formatCommandHelp has its sections in order", () => {
  assert.deepEqual(headingsOf(page), ["Usage", "Options", "Examples", "Exit status"]);
});

test("formatCommandHelp names every flag with its default and its environment variable", () => {
  for (const flag of table) {
    assert.ok(page.includes(`--${flag.name}`), flag.name);
    assert.match(page, new RegExp(`env: ${flag.env}\\]$`, "m"));
  }
  assert.match(page, /-p, --port N .*\n +\[default: 8001, env: PORT\]\n/);
  assert.match(page, /--index, --no-index\n? /);
  assert.match(page, /-h, --help /);
});

test("formatCommandHelp with groups shows the flags that most people need first, and each flag once", () => {
  const grouped = formatCommandHelp({ ...command, groups: serveGroups }, { isColored: false });
  const titles = serveGroups.map(({ title }) => title);
  assert.deepEqual(headingsOf(grouped), ["Usage", "Options", ...titles, "Examples", "Exit status"]);
  const firstGroupIndex = grouped.indexOf(`\n${titles[0]}\n`);
  for (const { name, isCommon = false } of table) {
    const rows = [...grouped.matchAll(new RegExp(`^ {2}(?:-., | {4})--${name}(?![\\w-])`, "gm"))];
    assert.equal(rows.length, 1, name);
    assert.equal((rows[0]?.index ?? 0) < firstGroupIndex, isCommon, name);
  }
  for (const line of grouped.split("\n")) assert.ok(line.length <= PAGE_COLUMN_COUNT, line);
});

test("formatCommandHelp lists the usual exit codes and the command's own", () => {
  const codes = [...page.matchAll(/^ {2}(\d+) {2,}\S/gm)].map(([, code]) => code);
  assert.deepEqual(codes, ["0", "1", "2", "99"]);
});

test("formatCommandHelp in color reads the same without the colors", () => {
  const colored = formatCommandHelp(command, { isColored: true });
  assert.notEqual(colored, page);
  assert.equal(stripVTControlCharacters(colored), page);
});

test("formatOverview names version, commands and the help command, and fits 80 columns", () => {
  const overview = formatOverview([command], "1.2.3", { isColored: false });
  assert.match(overview, /^weir 1\.2\.3: /);
  assert.match(overview, /^ {2}dig +dig a channel$/m);
  assert.match(overview, /^ {2}help /m);
  assert.match(overview, /^ {2}-p, --port N /m);
  assert.doesNotMatch(overview, /--mount-timeout/);
  for (const line of overview.split("\n")) assert.ok(line.length <= PAGE_COLUMN_COUNT, line);
});

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
