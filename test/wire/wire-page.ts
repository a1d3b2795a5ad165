// Reads one wire page (test/wire/*.md): the arguments and the files at its head, then its cases.
// README.md beside this file is the manual of the form. Refuses what it does not know, so that a
// misprint never makes a test that checks nothing.

import { type CaseEnd, type ExpectedAnswer, parseExpectations } from "./expectation.ts";
import { parseNotation, parseSentLines } from "./notation.ts";

export interface WirePage {
  readonly title: string;
  readonly args: readonly string[];
  /** Modification time of every file and folder; undefined leaves them as they are made. */
  readonly modified: Date | undefined;
  readonly entries: readonly PageEntry[];
  readonly cases: readonly WireCase[];
}

export type PageEntry =
  | { readonly kind: "file"; readonly name: string; readonly content: Buffer }
  | { readonly kind: "folder"; readonly name: string }
  | { readonly kind: "link"; readonly name: string; readonly target: string };

export interface WireCase {
  /** The heading, with the value of the `each` block in brackets. */
  readonly name: string;
  /** The line of the heading, counted from 1. */
  readonly lineNumber: number;
  readonly send: Buffer;
  readonly answers: readonly ExpectedAnswer[];
  readonly end: CaseEnd;
}

interface Block {
  readonly kind: string;
  readonly lines: readonly string[];
}

interface Section {
  readonly heading: string;
  readonly lineNumber: number;
  readonly blocks: Block[];
}

const CASE_BLOCKS = ["each", "send", "expect"];
/** Every case says whose rule it tests. */
const SOURCE = /\((RFC \d{4} §\d[\d.]*|weir's choice)(, (RFC \d{4} §\d[\d.]*|weir's choice))*\)$/;

/** Throws with the line number on anything that is not a wire page. */
export function parseWirePage(text: string): WirePage {
  const [start, ...sections] = parseSections(text.split("\n"));
  const [serve, ...moreServe] = start?.blocks ?? [];
  if (start === undefined || start.heading === "") throw new Error("the page has no title");
  if (serve === undefined || moreServe.length > 0) {
    throw new Error("there must be exactly one block `serve` between the title and the first case");
  }
  return {
    title: start.heading,
    ...parseHead(serve.lines),
    cases: sections.flatMap(expandSection),
  };
}

function parseHead(lines: readonly string[]): Pick<WirePage, "args" | "modified" | "entries"> {
  let args: string[] = [];
  let modified: Date | undefined;
  const entries: PageEntry[] = [];
  for (const line of lines) {
    const [, key = "", name = "", value = ""] = /^(\w+)(?: ([^:]+))?(?:: ?(.*))?$/.exec(line) ?? [];
    if (key === "args") args = value.split(" ").filter((arg) => arg !== "");
    else if (key === "modified" && !Number.isNaN(Date.parse(value))) modified = new Date(value);
    else if (key === "file" && name !== "") {
      entries.push({ kind: "file", name: parseName(name), content: parseNotation(value) });
    } else if (key === "folder" && name !== "")
      entries.push({ kind: "folder", name: parseName(name) });
    else if (key === "link" && name !== "") {
      entries.push({ kind: "link", name: parseName(name), target: value });
    } else throw new Error(`the head of the page does not know the line "${line}"`);
  }
  return { args, modified, entries };
}

function parseName(text: string): string {
  return parseNotation(text).toString("utf8");
}

/** The title with its block, then the cases. */
function parseSections(lines: readonly string[]): Section[] {
  const start: Section = {
    heading: (lines[0] ?? "").replace(/^# /, ""),
    lineNumber: 1,
    blocks: [],
  };
  const sections = [start];
  for (let index = 1; index < lines.length; index += 1) {
    const line = lines[index] ?? "";
    const lineNumber = index + 1;
    const section = sections.at(-1) ?? start;
    if (line.startsWith("## ")) sections.push(startCase(line.slice(3), lineNumber));
    if (!line.startsWith("```")) continue;
    const kind = line.slice(3);
    const end = lines.indexOf("```", index + 1);
    const isKnown = section === start ? kind === "serve" : CASE_BLOCKS.includes(kind);
    if (!isKnown || end < 0)
      throw new Error(`line ${lineNumber}: not a block that belongs here: ${line}`);
    section.blocks.push({ kind, lines: lines.slice(index + 1, end) });
    index = end;
  }
  return sections;
}

function startCase(heading: string, lineNumber: number): Section {
  if (SOURCE.test(heading)) return { heading, lineNumber, blocks: [] };
  throw new Error(`line ${lineNumber}: the heading ends in no (RFC NNNN §N) or (weir's choice)`);
}

/** One case for each `send` block and each line of the `each` block. */
function expandSection(section: Section): WireCase[] {
  const { heading, lineNumber } = section;
  const linesOf = (kind: string): (readonly string[])[] =>
    section.blocks.filter((block) => block.kind === kind).map((block) => block.lines);
  const sends = linesOf("send");
  const [expect, ...moreExpects] = linesOf("expect");
  const [each, ...moreEach] = linesOf("each");
  if (sends.length === 0 || expect === undefined || moreExpects.length + moreEach.length > 0) {
    throw new Error(
      `line ${lineNumber}: a case has at most one each, one or more send, and exactly one expect`,
    );
  }
  try {
    return sends.flatMap((send, sendIndex) => {
      const suffix = sends.length > 1 ? ` [${sendIndex + 1} of ${sends.length}]` : "";
      return fillIn(send, expect, each).map(({ value, sendLines, expectLines }) => ({
        name: `${heading}${value === undefined ? "" : ` [${value}]`}${suffix}`,
        lineNumber,
        send: parseSentLines(sendLines),
        ...parseExpectations(expectLines),
      }));
    });
  } catch (error) {
    throw new Error(`line ${lineNumber}: ${(error as Error).message}`, { cause: error });
  }
}

interface FilledIn {
  readonly value: string | undefined;
  readonly sendLines: readonly string[];
  readonly expectLines: readonly string[];
}

/** Puts each value in the place of `\{}`; without an `each` block there is one case, as it is. */
function fillIn(
  send: readonly string[],
  expect: readonly string[],
  each: readonly string[] | undefined,
): FilledIn[] {
  if (each === undefined) return [{ value: undefined, sendLines: send, expectLines: expect }];
  if (!send.some((line) => line.includes("\\{}")))
    throw new Error("no \\{} for the values of each");
  return each.map((value) => {
    const fill = (line: string): string => line.replaceAll("\\{}", () => value);
    return { value, sendLines: send.map(fill), expectLines: expect.map(fill) };
  });
}
