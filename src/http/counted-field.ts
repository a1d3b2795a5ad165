// A field line with one number in it that differs between two uses of the same answer, such as what
// is left of a limit. Kept apart from the other fields, so that only its digits are written anew.

export interface CountedField {
  /** Name, colon and all before the number. The same string again for the same text, best. */
  readonly beginning: string;
  /** A whole number, 0 or more. */
  readonly count: number;
  /** Digits at least; zeros stand before a shorter number. */
  readonly digitsMin: number;
  /** All behind the number, CRLF included; further field lines may follow. */
  readonly end: string;
}

export function formatCountedField({ beginning, count, digitsMin, end }: CountedField): string {
  return `${beginning}${String(count).padStart(digitsMin, "0")}${end}`;
}

export function countDigits({ count, digitsMin }: CountedField): number {
  let digits = 1;
  for (let power = 10; count >= power; power *= 10) digits++;
  return Math.max(digits, digitsMin);
}

const ZERO = 0x30;

/** Writes the number as decimal digits that end before `end`, as many as `digitCount`. */
export function writeDigits(bytes: Buffer, end: number, count: number, digitCount: number): void {
  let rest = count;
  for (let at = end - 1; at >= end - digitCount; at--) {
    const tenth = Math.floor(rest / 10);
    bytes[at] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
}
