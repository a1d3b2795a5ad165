// The rule that the README has the flags of `weir serve` as they are: the tables between its two
// markers are those that the flag table prints.

import assert from "node:assert/strict";
import { test } from "node:test";
import { formatOptions } from "../../src/cli/options-table.ts";
import { serveGroups } from "../../src/config/serve-flags.ts";
import { readRepositoryFile } from "./source-files.ts";

const TABLE = /<!-- options -->\n([\s\S]*?)<!-- \/options -->/;

/** The cells of a Markdown table; how far they are padded is the formatter's business. */
function parseTable(markdown: string): string[][] {
  return markdown
    .trim()
    .split("\n")
    .map((line) =>
      line
        .replace(/^\||\|$/g, "")
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim().replace(/^-+$/, "---")),
    );
}

function findTableFaults(readme: string, expected: string): string[] {
  const table = TABLE.exec(readme)?.[1];
  if (table === undefined) return ["README.md: has no <!-- options --> and <!-- /options -->."];
  const isSame = JSON.stringify(parseTable(table)) === JSON.stringify(parseTable(expected));
  return isSame ? [] : ["README.md: its options are not those of the flag table: npm run options"];
}

test("the tables of options in the README are the flag table", () => {
  const faults = findTableFaults(readRepositoryFile("README.md"), formatOptions(serveGroups));
  assert.deepEqual(faults, []);
});

test("a README without markers, and one with another table, are found; padding is not", () => {
  const expected = "| flag | default |\n| --- | --- |\n| `--log A\\|B` |  |\n";
  const padded =
    "| flag          | default |\n| ------------- | ------- |\n| `--log A\\|B` |         |\n";
  const readme = (table: string): string =>
    `# weir\n<!-- options -->\n\n${table}\n<!-- /options -->\n`;
  assert.deepEqual(findTableFaults(readme(padded), expected), []);
  assert.equal(findTableFaults(readme(padded.replace("A", "C")), expected).length, 1);
  assert.equal(findTableFaults(padded, expected).length, 1);
});
