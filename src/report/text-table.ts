// Lines of columns for a terminal. Pure; used by the text reports.

/**
 * Rows of equally many cells as lines indented by two spaces: the first column to the left, all
 * others to the right, two spaces between columns.
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
