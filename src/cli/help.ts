// Formats the help pages from the commands and their flag tables: sections of two columns, 80 characters
// wide. Pure. main.ts prints the result.

import { styleText } from "node:util";
import { wrapText } from "../base/figure-text.ts";
import { type Flag, type FlagGroup, type FlagTable, isSwitch, OFF } from "../config/flag.ts";
import type { Command, Example } from "./command.ts";

export const PAGE_COLUMN_COUNT = 80;
const INDENT = "  ";
/** Where the second column of options begins; a longer flag gets a line of its own. */
const HELP_COLUMN_INDEX = 28;

export interface HelpStyle {
  /** Headings are bold and defaults dim; off when the page goes to a file or a pipe. */
  readonly isColored: boolean;
}

const COMMON_FLAGS: FlagTable = [
  { ...OFF, name: "help", short: "h", help: "print this page" },
  { ...OFF, name: "version", short: "V", help: "print the version" },
];

const COMMON_EXIT_CODES: readonly (readonly [number, string])[] = [
  [0, "it worked"],
  [1, "it failed; the message says why"],
  [2, "wrong usage"],
];

type Section = readonly [heading: string, lines: readonly string[]];

/** A command with groups shows the flags that most people need first, and then the others by group. */
export function formatCommandHelp(command: Command, style: HelpStyle): string {
  const { flags, groups = [], examples = [], exitCodes = [] } = command;
  const format = (table: FlagTable) => table.flatMap((flag) => formatFlag(flag, style));
  const isLater = ({ isCommon }: Flag) => groups.length > 0 && isCommon !== true;
  const first = flags.filter((flag) => !isLater(flag));
  const codes = new Map([...COMMON_EXIT_CODES, ...exitCodes]);
  const sections: Section[] = [
    ["Usage", command.usage.map((form) => `${INDENT}weir ${form}`)],
    ["Options", format([...first, ...COMMON_FLAGS])],
    ...groups.map((group): Section => [group.title, format(group.flags.filter(isLater))]),
    ["Examples", formatExamples(examples)],
    ["Exit status", [...codes].flatMap(([code, meaning]) => formatRow(`${code}`, meaning, 7))],
  ];
  const about = [`weir ${command.name}: ${command.summary}`, ...(command.details ?? [])];
  return formatPage(about, sections, style);
}

export function formatOverview(
  commands: readonly Command[],
  version: string,
  style: HelpStyle,
): string {
  const rows = [...commands.map(({ name, summary }) => [name, summary] as const)];
  rows.push(["help", "print the page of a command: weir help serve"]);
  const common = commands.flatMap(({ flags }) => flags.filter(({ isCommon }) => isCommon));
  const examples = commands.flatMap(({ name, examples = [] }) => {
    return examples.find(({ text }) => text.startsWith(`weir ${name}`)) ?? [];
  });
  return formatPage(
    [
      `weir ${version}: serve a folder over HTTP to many clients at once, count every request ` +
        "exactly, and hold every client to a fair rate.",
    ],
    [
      ["Usage", ["weir [DIR] [options]", "weir COMMAND [options]"].map((form) => INDENT + form)],
      ["Commands", rows.flatMap(([name, summary]) => formatRow(name, summary, 11))],
      [
        "Options",
        [
          ...[...common, ...COMMON_FLAGS].flatMap((flag) => formatFlag(flag, style)),
          ...(common.length === 0
            ? []
            : ["", `${INDENT}weir serve --help lists the rest by subject.`]),
        ],
      ],
      ["Examples", formatExamples(examples)],
      ["Exit status", COMMON_EXIT_CODES.flatMap(([code, text]) => formatRow(`${code}`, text, 7))],
    ],
    style,
  );
}

function formatPage(
  about: readonly string[],
  sections: readonly Section[],
  style: HelpStyle,
): string {
  const blocks = about.map((paragraph) => wrapText(paragraph, PAGE_COLUMN_COUNT).join("\n"));
  for (const [heading, lines] of sections) {
    if (lines.length > 0) blocks.push([paint("bold", heading, style), ...lines].join("\n"));
  }
  return `${blocks.join("\n\n")}\n`;
}

function formatFlag(flag: Flag, style: HelpStyle): string[] {
  const short = flag.short ? `-${flag.short}, ` : "    ";
  const value = flag.placeholder ? ` ${flag.placeholder}` : "";
  const isOnByDefault = isSwitch(flag) && flag.fallback === "on";
  const negated = isOnByDefault ? `, --no-${flag.name}` : "";
  const spelling = `${short}--${flag.name}${value}${negated}`;
  const shownDefault = flag.fallbackText ?? (isSwitch(flag) ? undefined : flag.fallback);
  const notes = [
    isOnByDefault ? "default: on" : shownDefault && `default: ${shownDefault}`,
    flag.env && `env: ${flag.env}`,
  ].filter(Boolean);
  const lines = formatRow(spelling, flag.help, HELP_COLUMN_INDEX);
  if (notes.length === 0) return lines;
  const columnCount = PAGE_COLUMN_COUNT - HELP_COLUMN_INDEX;
  const joined = `[${notes.join(", ")}]`;
  const noteLines = joined.length <= columnCount ? [joined] : `[${notes.join(",\n ")}]`.split("\n");
  return [
    ...lines,
    ...noteLines.map((line) => " ".repeat(HELP_COLUMN_INDEX) + paint("dim", line, style)),
  ];
}

function formatExamples(examples: readonly Example[]): string[] {
  return examples.flatMap(({ text, meaning }) => [
    `${INDENT}${text}`,
    ...wrapText(meaning, PAGE_COLUMN_COUNT - 6).map((line) => `      ${line}`),
  ]);
}

/** `left` and `right` in two columns, the second beginning at `columnIndex`. */
function formatRow(left: string, right: string, columnIndex: number): string[] {
  const lines = wrapText(right, PAGE_COLUMN_COUNT - columnIndex);
  const start = `${INDENT}${left}`;
  const isTooLong = start.length + 2 > columnIndex;
  const first = isTooLong ? start : `${start.padEnd(columnIndex)}${lines.shift()}`;
  return [first, ...lines.map((line) => " ".repeat(columnIndex) + line)];
}

function paint(format: "bold" | "dim", text: string, style: HelpStyle): string {
  return style.isColored ? styleText(format, text, { validateStream: false }) : text;
}

// Formats the flags as the Markdown tables of the README, one for each group. Pure. A test holds that the
// README has just these tables.

/** A heading and a table for each group; each line ends with a line end. */
export function formatOptions(groups: readonly FlagGroup[]): string {
  return groups
    .map(({ title, flags }) => `#### ${title}\n\n${formatOptionsTable(flags)}`)
    .join("\n");
}

/** A header, a rule and one row per flag. */
export function formatOptionsTable(table: FlagTable): string {
  const rows = table.map((flag) => [
    formatSpelling(flag),
    flag.env ? `\`${flag.env}\`` : "",
    formatDefault(flag),
    flag.help,
  ]);
  const lines = [
    ["flag", "environment", "default", "meaning"],
    ["---", "---", "---", "---"],
    ...rows,
  ];
  return lines.map((cells) => `| ${cells.map(escapeCell).join(" | ")} |\n`).join("");
}

function formatSpelling(flag: Flag): string {
  const short = flag.short ? `-${flag.short}, ` : "";
  const value = flag.placeholder ? ` ${flag.placeholder}` : "";
  const negated = isSwitch(flag) && flag.fallback === "on" ? `, \`--no-${flag.name}\`` : "";
  return `\`${short}--${flag.name}${value}\`${negated}`;
}

function formatDefault(flag: Flag): string {
  if (flag.fallbackText !== undefined) {
    return flag.fallbackText.startsWith("$") ? `\`${flag.fallbackText}\`` : flag.fallbackText;
  }
  if (flag.fallback === undefined) return "";
  return isSwitch(flag) ? flag.fallback : `\`${flag.fallback}\``;
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|");
}
