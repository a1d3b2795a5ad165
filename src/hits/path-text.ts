// Paths as text that any program passes on unharmed: percent-encoded as in a URL, so that commas, line
// breaks and bytes that are not UTF-8 stand in plain ASCII. Used where hits leave the process: in the
// store that servers share, and in exported files. Pure.

import { percentEncodeSegment } from "../http/percent-encoding.ts";

/** @param path one character a byte (Latin-1), as the ledger has it */
export function encodePath(path: string): string {
  return path.split("/").map(percentEncodeSegment).join("/");
}

/** The path of a text, one character a byte; a text that holds other characters counts in UTF-8. */
export function decodePath(text: string): string {
  // Who writes such a file by hand writes names as they are shown, and a lone % as it is.
  const isAscii = /^[\x20-\x7e]*$/.test(text);
  const bytes = isAscii ? text : Buffer.from(text).toString("latin1");
  return bytes.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
