// Text for a person, the same in all commands and reports: numbers with their units (three digits or so,
// never more than the measurement is worth), tables, wrapped text, and the output that it goes to. Pure.

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** A whole number, with commas: `12,345`. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US", { maximumFractionDigits: 0 });
}

/** `1 request`, `2,000 requests`. */
export function formatCounted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** Three digits, in the unit that fits: `0.052 ms`, `1.25 ms`, `340 ms`, `2.50 s`. */
export function formatMs(ms: number): string {
  // Rounded first: 999.7 ms is 1.00 s and not 1000 ms.
  if (ms >= 999.5) return `${formatShort(ms / 1000)} s`;
  return `${formatShort(ms)} ms`;
}

/** `1,234/s`, `12.3/s`, `0.50/s`. */
export function formatRate(perSecond: number): string {
  return `${formatShort(perSecond)}/s`;
}

/** Three digits, or all digits before the decimal point. */
export function formatShort(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 99.95) return formatCount(value);
  if (size >= 9.995) return value.toFixed(1);
  return value.toFixed(size >= 0.9995 ? 2 : 3);
}

/** A part of a whole, `share` from 0 to 1: `0 %`, `<0.1 %`, `12.5 %`. */
export function formatPercent(share: number): string {
  if (share === 0) return "0 %";
  if (share < 0.001) return "<0.1 %";
  // 99.96 % is not the whole.
  const percent = share < 1 ? Math.min(share * 100, 99.9) : share * 100;
  return `${percent.toFixed(1).replace(/\.0$/, "")} %`;
}

/** `12.3 KiB`; whole bytes below 1 KiB. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unitIndex = 0;
  while (value >= 1024 && unitIndex < BYTE_UNITS.length - 1) {
    value /= 1024;
    unitIndex++;
  }
  return `${unitIndex === 0 ? value : value.toFixed(1)} ${BYTE_UNITS[unitIndex]}`;
}

/** Always in seconds: `0.12 s`, `12.00 s`. */
export function formatSeconds(durationMs: number, fractionDigits = 2): string {
  return `${(durationMs / 1000).toFixed(fractionDigits)} s`;
}

/**
 * Rows with the same number of cells, as lines indented by two spaces: the first column is aligned to the
 * left, all others to the right, with two spaces between columns.
 */
export function formatTable(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, cell.length);
    }
  }
  return rows.map((row) => {
    const cells = row.map((cell, index) =>
      index === 0 ? cell.padEnd(widths[index]!) : cell.padStart(widths[index]!),
    );
    return `  ${cells.join("  ")}`.trimEnd();
  });
}

/** Breaks the text into lines of at most `columnCount` characters; a longer word has its own line. */
export function wrapText(text: string, columnCount: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line === "" || longer.length <= columnCount) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

/** Where a command writes: process.stdout, process.stderr, or the output of a test. */
export interface Output {
  write(chunk: string | Uint8Array): unknown;
  readonly isTTY?: boolean | undefined;
  /** The width of a terminal, if the system tells it. */
  readonly columns?: number | undefined;
}

const COLUMNS_DEFAULT = 80;

/** How many characters fit into one line. */
export function columnsOf({ columns }: Output): number {
  // Some terminals say 0.
  return columns || COLUMNS_DEFAULT;
}
