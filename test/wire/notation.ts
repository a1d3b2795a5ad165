// The notation of the wire pages: printable ASCII stands for itself, everything else is written as
// an escape, so that what is sent can be seen on the page and survives every editor. README.md
// beside this file is its manual. Used by wire-page.ts.

const PLAIN_BYTES: Readonly<Record<string, number>> = {
  r: 0x0d,
  n: 0x0a,
  t: 0x09,
  "\\": 0x5c,
};

/** A repetition may not make more than this: a misprinted count fails at once. */
const REPEATED_BYTES_MAX = 4 * 1024 * 1024;

/** The bytes that `text` stands for. Throws on what is neither printable ASCII nor an escape. */
export function parseNotation(text: string): Buffer {
  const parts: Buffer[] = [];
  let index = 0;
  while (index < text.length) {
    const [part, end] = text[index] === "\\" ? parseEscape(text, index) : parsePlain(text, index);
    parts.push(part);
    index = end;
  }
  return Buffer.concat(parts);
}

/**
 * The bytes of a block that is sent: each line and CRLF, except for a line that ends in a lone
 * backslash, to which nothing is added.
 */
export function parseSentLines(lines: readonly string[]): Buffer {
  const parts = lines.map((line) => {
    if (/[ \t]$/.test(line))
      throw new Error(`write a blank at the end of a line as \\x20: "${line}"`);
    if (hasOpenEnd(line)) return parseNotation(line.slice(0, -1));
    return Buffer.concat([parseNotation(line), Buffer.from("\r\n")]);
  });
  return Buffer.concat(parts);
}

/** An odd number of backslashes at the end: the last one is not the second half of `\\`. */
function hasOpenEnd(line: string): boolean {
  const backslashes = /\\*$/.exec(line)?.[0].length ?? 0;
  return backslashes % 2 === 1;
}

/** Takes the characters up to the next backslash; gives their bytes and where they end. */
function parsePlain(text: string, start: number): [Buffer, number] {
  const backslash = text.indexOf("\\", start);
  const end = backslash < 0 ? text.length : backslash;
  const plain = text.slice(start, end);
  if (!/^[\x20-\x7e]*$/.test(plain)) {
    throw new Error(`only printable ASCII stands for itself, write the rest as \\xHH: "${plain}"`);
  }
  return [Buffer.from(plain, "latin1"), end];
}

/** Takes the escape at `start`; gives its bytes and where it ends. */
function parseEscape(text: string, start: number): [Buffer, number] {
  const rest = text.slice(start);
  const byte = PLAIN_BYTES[rest[1] ?? ""];
  if (byte !== undefined) return [Buffer.from([byte]), start + 2];
  const hex = /^\\x([0-9a-f]{2})/.exec(rest);
  if (hex !== null) return [Buffer.from(hex[1] ?? "", "hex"), start + hex[0].length];
  const repeated = /^\\\{([^{}*]+)\*(\d+)\}/.exec(rest);
  if (repeated !== null) {
    const unit = parseNotation(repeated[1] ?? "");
    const count = Number(repeated[2]);
    if (unit.length * count > REPEATED_BYTES_MAX) throw new Error(`too many bytes: ${repeated[0]}`);
    return [Buffer.concat(Array.from({ length: count }, () => unit)), start + repeated[0].length];
  }
  throw new Error(`no such escape: ${rest.slice(0, 8)} (in "${text.slice(0, 80)}")`);
}
