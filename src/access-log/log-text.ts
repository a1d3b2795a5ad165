// Makes text that a client sent safe to stand in a line of the log: nothing can end the line, close a
// quoted field or steer a terminal. Pure; called by log-line.ts for each line, so that text which
// needs nothing, as nearly all does, costs one look. A text is cut where its share of the line is full:
// the line of a refused request must cost little, and fill no disk.

/** Whole: it says what was asked for. The engine takes 8 KiB at most, and escaping may double them. */
export const LOGGED_TARGET_CHARS_MAX = 16 * 1024;
/** User agents have up to some 400 characters, referers that long are searches. */
export const LOGGED_FIELD_CHARS_MAX = 1024;

const CUT_MARK = "...";
/** All but the visible ASCII that neither a quoted field nor a JSON string has to escape. */
const UNSAFE = /[^\x20\x21\x23-\x5b\x5d-\x7e]/;

type Spelling = (character: string) => string;

const toHex: Spelling = (character) => `\\x${formatHex(character, 2)}`;
const toJson: Spelling = (character) =>
  character > "~" ? `\\u${formatHex(character, 4)}` : JSON.stringify(character).slice(1, -1);

/** How each byte stands in the line. */
const HEX_TEXTS = listTexts(toHex);
const JSON_TEXTS = listTexts(toJson);

/**
 * Quotes, backslashes and everything outside visible ASCII as `\xHH`, as Apache and nginx do.
 * @param charsMax of the result; what is cut off is told by `...`
 */
export function escapeText(text: string, charsMax: number): string {
  if (text.length <= charsMax && !UNSAFE.test(text)) return text;
  return escapeUpTo(text, charsMax, HEX_TEXTS, toHex);
}

/**
 * A JSON string in ASCII that parses back to the same text. Heads are read one character a byte, so
 * a byte above 0x7f is written as `\u00HH`, whatever encoding the client meant.
 * @param charsMax of the result without its quotes; what is cut off is told by `...`
 */
export function formatAsciiJson(text: string, charsMax: number): string {
  if (text.length <= charsMax && !UNSAFE.test(text)) return `"${text}"`;
  return `"${escapeUpTo(text, charsMax, JSON_TEXTS, toJson)}"`;
}

function escapeUpTo(
  text: string,
  charsMax: number,
  texts: readonly string[],
  spell: Spelling,
): string {
  const cut = text.slice(0, charsMax);
  if (!UNSAFE.test(cut)) return cut + CUT_MARK;
  let escaped = "";
  for (let at = 0; at < text.length; at++) {
    const next = texts[text.charCodeAt(at)] ?? spell(text[at] as string);
    if (escaped.length + next.length > charsMax) return escaped + CUT_MARK;
    escaped += next;
  }
  return escaped;
}

function listTexts(spell: Spelling): readonly string[] {
  return Array.from({ length: 256 }, (_, code) => {
    const character = String.fromCharCode(code);
    return UNSAFE.test(character) ? spell(character) : character;
  });
}

function formatHex(character: string, digitCount: number): string {
  return character.charCodeAt(0).toString(16).padStart(digitCount, "0");
}
