import assert from "node:assert/strict";
import { test } from "node:test";
import { parseWirePage } from "./wire-page.ts";

const HEAD = `# The title

\`\`\`serve
args: --rate off --no-index
modified: 1994-11-06T08:49:37Z
file a b.txt: a: b\\n
folder empty\\x3a
link alias: ../a b.txt
\`\`\`
`;

const CASE = `
## A sentence (RFC 9112 §2.2, weir's choice)

Words.

\`\`\`each
/a
/$&
\`\`\`

\`\`\`send
GET \\{} HTTP/1.1

\`\`\`

\`\`\`send
X
\`\`\`

\`\`\`expect
status: 200
body: \\{}
connection: open
\`\`\`
`;

test("parseWirePage reads the arguments, the time and the files of the head", () => {
  const page = parseWirePage(HEAD);
  assert.equal(page.title, "The title");
  assert.deepEqual(page.args, ["--rate", "off", "--no-index"]);
  assert.equal(page.modified?.toISOString(), "1994-11-06T08:49:37.000Z");
  assert.deepEqual(page.entries, [
    { kind: "file", name: "a b.txt", content: Buffer.from("a: b\n") },
    { kind: "folder", name: "empty:" },
    { kind: "link", name: "alias", target: "../a b.txt" },
  ]);
});

test("parseWirePage makes a case of each value and each send block", () => {
  const { cases } = parseWirePage(HEAD + CASE.replace("\nX\n", "\n\\{}\\\n"));
  const name = "A sentence (RFC 9112 §2.2, weir's choice)";
  assert.deepEqual(
    cases.map((wireCase) => [wireCase.name, wireCase.send.toString()]),
    [
      [`${name} [/a] [1 of 2]`, "GET /a HTTP/1.1\r\n\r\n"],
      [`${name} [/$&] [1 of 2]`, "GET /$& HTTP/1.1\r\n\r\n"],
      [`${name} [/a] [2 of 2]`, "/a"],
      [`${name} [/$&] [2 of 2]`, "/$&"],
    ],
  );
  assert.equal(cases[0]?.lineNumber, 11);
  assert.equal(cases[1]?.answers[0]?.checks[0]?.line, "body: /$&");
});

const REFUSED: readonly [string, string, RegExp][] = [
  [
    "no serve block",
    `# The title
${CASE}`,
    /exactly one block `serve`/,
  ],
  ["two serve blocks", HEAD + HEAD.slice(HEAD.indexOf("```")), /exactly one block `serve`/],
  ["an unknown line in the head", HEAD.replace("folder", "folders"), /does not know the line/],
  ["a time that is none", HEAD.replace("1994-11", "1994-99"), /does not know the line/],
  ["no title", HEAD.replace("# The title", ""), /no title/],
  ["a heading without a source", `${HEAD}\n## A sentence\n`, /line 11: the heading ends in no/],
  ["a block of another kind", HEAD + CASE.replace("```each", "```http"), /line 15: not a block/],
  ["a block outside a case", `${HEAD}\n\`\`\`send\n\`\`\`\n`, /line 11: not a block/],
  [
    "a block that does not end",
    `${HEAD}\n## S (RFC 1 §1)\n`.replace("RFC 1", "RFC 9112").concat("```send\n"),
    /not a block/,
  ],
  ["no expect", HEAD + CASE.replace(/```expect[^`]+```/, ""), /exactly one expect/],
  ["no send", HEAD + CASE.replaceAll(/```send[^`]+```/g, ""), /one or more send/],
  ["no place for the values", HEAD + CASE, /no \\\{\} for the values/],
  ["an unknown escape", HEAD + CASE.replace("\nX\n", "\n\\q\\{}\n"), /line 11: no such escape/],
];

for (const [name, text, error] of REFUSED) {
  test(`parseWirePage refuses a page with ${name}`, () => {
    assert.throws(() => parseWirePage(text), error);
  });
}
