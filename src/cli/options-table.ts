// Prints a table of flags as the Markdown table of the README. Pure; a test holds the two together.

import { type Flag, type FlagTable, isSwitch } from "./flag.ts";

/** Header, rule and one row a flag, each line ended with a line end. */
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
