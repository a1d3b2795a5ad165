import assert from "node:assert/strict";
import { test } from "node:test";
import { formatCsvLine, parseCsv } from "./csv-text.ts";

const TEXTS: readonly [text: string, lines: string[][] | undefined][] = [
  ["", []],
  ["a,b", [["a", "b"]]],
  [
    "a,b\r\nc,d\r\n",
    [
      ["a", "b"],
      ["c", "d"],
    ],
  ],
  [
    "a,b\nc,d\n\n",
    [
      ["a", "b"],
      ["c", "d"],
    ],
  ],
  ["\ufeffa,b\r", [["a", "b"]]],
  ["a,", [["a", ""]]],
  [",", [["", ""]]],
  ['"a,""b""\r\nc",d', [['a,"b"\r\nc', "d"]]],
  ['"",x\n', [["", "x"]]],
  ['"a', undefined],
  ['a"b,c', undefined],
  ['"a"b,c', undefined],
];

for (const [text, lines] of TEXTS) {
  test(`lines and fields are told apart [${JSON.stringify(text)}]`, () => {
    assert.deepEqual(
      parseCsv(text)?.map(({ fields }) => fields),
      lines,
    );
  });
}

test("whatever fields hold, they come back, and lines keep their numbers", () => {
  const rows = [
    ["plain", "1"],
    ['q"uo,te', "two\r\nlines"],
    ["", "last"],
  ];
  const lines = parseCsv(rows.map(formatCsvLine).join(""));
  assert.deepEqual(
    lines?.map(({ fields }) => fields),
    rows,
  );
  assert.deepEqual(
    lines?.map(({ lineNumber }) => lineNumber),
    [1, 2, 4],
  );
});
