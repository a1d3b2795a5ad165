// Comma-separated values by RFC 4180: fields in quotation marks may hold commas, line breaks and doubled
// quotation marks. Pure. Used by hit-document.ts.

export interface CsvLine {
  /** Of its first character, from 1. */
  readonly lineNumber: number;
  readonly fields: readonly string[];
}

const BYTE_ORDER_MARK = "\ufeff";

/** With the line's end. */
export function formatCsvLine(fields: readonly string[]): string {
  return `${fields.map(formatField).join(",")}\r\n`;
}

function formatField(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/** Lines that are not empty; undefined when a quotation mark is not closed. */
export function parseCsv(text: string): CsvLine[] | undefined {
  // Spreadsheets write one at the start.
  const content = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  const lines: CsvLine[] = [];
  let fields: string[] = [];
  let lineNumber = 1;
  let firstLineNumber = 1;
  const piece = /"((?:[^"]|"")*)"|([^,\r\n"]*)/y;
  for (let at = 0; at < content.length; ) {
    piece.lastIndex = at;
    const match = piece.exec(content);
    const [whole = "", quoted, plain = ""] = match ?? [];
    at += whole.length;
    fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    lineNumber += whole.split("\n").length - 1;
    const end = /\r\n|[\r\n]|,|$/y;
    end.lastIndex = at;
    const separator = end.exec(content)?.[0];
    // Only a quotation mark may stand where neither a field goes on nor one ends.
    if (separator === undefined) return undefined;
    at += separator.length;
    if (separator === ",") {
      if (at === content.length) fields.push("");
      else continue;
    }
    if (fields.length > 1 || fields[0] !== "") lines.push({ lineNumber: firstLineNumber, fields });
    fields = [];
    lineNumber++;
    firstLineNumber = lineNumber;
  }
  return lines;
}
