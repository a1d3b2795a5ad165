// Lines of columns and of words for a terminal. Pure; used by the text reports.

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

/** The words on lines of at most `columnCount` characters; a longer word has a line of its own. */
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
