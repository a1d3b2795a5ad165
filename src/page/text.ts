// Makes text from strangers safe to show: in HTML, in JSON and to the eye. Pure. Everything that puts a file name,
// a path or a message into a page uses it.

/**
 * Characters that would let a name look like another, break a line or steer a terminal: C0 and C1
 * controls, bidirectional overrides (CVE-2021-42574), line separators, and invisible characters. The joiners U+200C
 * and U+200D stay: Persian, the Indic scripts and emoji need them.
 */
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  // biome-ignore lint/suspicious/noMisleadingCharacterClass: marks and fillers are meant one by one
  /[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu;

const HTML_SPECIAL = /[&<>"']/;

const HTML_ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const NAMED_ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** The text as the content of an element or of a quoted attribute. */
export function escapeHtml(text: string): string {
  if (!HTML_SPECIAL.test(text)) return text;
  return text.replace(/[&<>"']/g, (character) => HTML_ENTITIES[character]!);
}

/**
 * The text on one line with nothing hidden in it: unseen characters become escapes (`\n`, `\x1b`, `\u{202e}`), lone
 * surrogates U+FFFD. It is for the eye only: a name with a backslash may read the same.
 */
export function formatVisible(text: string): string {
  return text.toWellFormed().replace(UNSEEN, (character) => {
    const code = character.codePointAt(0)!;
    // Control pictures (U+2400 on) would be too small to read.
    return (
      NAMED_ESCAPES[character] ??
      (code < 0x100
        ? `\\x${code.toString(16).padStart(2, "0")}`
        : `\\u{${code.toString(16).padStart(4, "0")}}`)
    );
  });
}

/**
 * A JSON string that parses back to the same text. Unseen characters are written as `\uXXXX`, so that printing the
 * JSON on a terminal is harmless.
 */
export function formatJsonString(text: string): string {
  return JSON.stringify(text).replace(UNSEEN, (character) => {
    let escaped = "";
    for (let unitIndex = 0; unitIndex < character.length; unitIndex++) {
      escaped += `\\u${character.charCodeAt(unitIndex).toString(16).padStart(4, "0")}`;
    }
    return escaped;
  });
}
