// Makes text that a client sent safe to stand in a line of the log: nothing can end the line, close a
// quoted field or steer a terminal. Pure; called by log-line.ts for each line, so that text which
// needs nothing, as nearly all does, costs one look.

/** All but the visible ASCII that neither a quoted field nor a JSON string has to escape. */
const UNSAFE = /[^\x20\x21\x23-\x5b\x5d-\x7e]/;
const EVERY_UNSAFE = new RegExp(UNSAFE, "g");
const NOT_ASCII = /[^\x20-\x7e]/g;

/** Quotes, backslashes and everything outside visible ASCII as `\xHH`, as Apache and nginx do. */
export function escapeText(text: string): string {
  if (!UNSAFE.test(text)) return text;
  return text.replace(EVERY_UNSAFE, (character) => `\\x${formatHex(character, 2)}`);
}

/**
 * A JSON string in ASCII that parses back to the same text. Heads are read one character a byte, so
 * a byte above 0x7f is written as `\u00HH`, whatever encoding the client meant.
 */
export function formatAsciiJson(text: string): string {
  if (!UNSAFE.test(text)) return `"${text}"`;
  return JSON.stringify(text).replace(NOT_ASCII, (character) => `\\u${formatHex(character, 4)}`);
}

function formatHex(character: string, digitCount: number): string {
  return character.charCodeAt(0).toString(16).padStart(digitCount, "0");
}
