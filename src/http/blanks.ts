// The optional blanks around the parts of a field's value: spaces and tabs (RFC 9110 §5.6.3, OWS). Pure.

/** Whether the code of a character or byte is a space or a tab. */
export function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** The text from `from` to before `to`, without the blanks at its two ends. */
export function trimBlanks(text: string, from = 0, to = text.length): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}
