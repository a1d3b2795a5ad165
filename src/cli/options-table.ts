// Prints the flags as the Markdown tables of the README, one for each group. Pure; a test holds the two
// together.

import { type Flag, type FlagGroup, type FlagTable, isSwitch } from "../config/flag.ts";

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
