// What a person typed is not allowed. The parsers of src/config throw it with a fragment that says
// what is allowed; `parseValue` completes it with the act and the value. src/cli/main.ts prints it
// after `weir: ` and exits 2.

const quotedCharsMax = 120;

/** `message` says what is allowed, as a fragment: `give a number from 0 to 65535`. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  /** What may help besides the help page, as a clause; undefined if the message says it all. */
  readonly advice: string | undefined;

  constructor(message: string, advice?: string) {
    super(message);
    this.advice = advice;
  }
}

/** The text in double quotes, on one line, with everything a terminal would obey escaped. */
export function quote(text: string): string {
  const cut = text.length > quotedCharsMax ? `${text.slice(0, quotedCharsMax)}…` : text;
  // JSON.stringify leaves DEL, the C1 controls and the characters that reverse writing as they are.
  return JSON.stringify(cut).replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`,
  );
}

/**
 * Parses one value and completes the error: `cannot use "abc" for --port: give a number …`.
 * `target` is what the value was meant for, as the person spelled it (`--port`, `PORT`, `COUNT`).
 */
export function parseValue<T>(target: string, text: string, parse: (text: string) => T): T {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(
      `cannot use ${quote(hideCredentials(text))} for ${target}: ${error.message}`,
    );
  }
}

/** A URL may have a user and a password before its host, and errors end up in logs. */
function hideCredentials(text: string): string {
  return text.replace(/(:\/\/).*@/s, "$1…@");
}
