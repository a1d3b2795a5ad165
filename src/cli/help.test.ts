import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import type { Command } from "./command.ts";
import { serveFlags } from "./flag-table.ts";
import { formatCommandHelp, formatOverview, pageColumnCount } from "./help.ts";

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

const page = formatCommandHelp(command, { isColored: false });

test("formatCommandHelp fits 80 columns and has no trailing blanks", () => {
  for (const line of page.split("\n")) {
    assert.ok(line.length <= pageColumnCount, line);
    assert.equal(line, line.trimEnd());
  }
});

test("formatCommandHelp has its sections in order", () => {
  const headings = page.match(/^[A-Z][a-z ]+$/gm);
  assert.deepEqual(headings, ["Usage", "Options", "Examples", "Exit status"]);
});

test("formatCommandHelp names every flag with its default and its environment variable", () => {
  for (const flag of serveFlags) assert.ok(page.includes(`--${flag.name}`), flag.name);
  assert.match(page, /-p, --port N .*\n +\[default: 8001, env: PORT\]\n/);
  assert.match(page, /--index, --no-index\n? /);
  assert.match(page, /-h, --help /);
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
  for (const line of overview.split("\n")) assert.ok(line.length <= pageColumnCount, line);
});
