// What the readers of rules share: JSON that is a list of objects with known names, and the checks of
// patterns. Pure; each throws UsageError with a fragment that says which rule and what is allowed.

import { quote, UsageError } from "./usage-error.ts";

/** More are a mistake; every request looks through them. */
export const ruleCountMax = 256;
const patternCharsMax = 256;

export type RuleObject = Readonly<Record<string, unknown>>;

/** @param example one rule as it may be written, for the message */
export function parseRuleList(
  text: string,
  names: readonly string[],
  example: string,
): readonly RuleObject[] {
  const value = parseJson(text, `[${example}]`);
  if (!Array.isArray(value) || !value.every(isObject)) {
    throw new UsageError(`give a JSON array of rules, such as [${example}]`);
  }
  checkRuleCount(value.length);
  value.forEach((rule, index) => {
    const unknown = Object.keys(rule).find((name) => !names.includes(name));
    if (unknown === undefined) return;
    const known = `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
    throw ruleError(index, `unknown name ${quote(unknown)}; a rule has ${known}`);
  });
  return value;
}

/** @param example for the message */
export function parseJson(text: string, example: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`it is not JSON; write it such as ${example}`);
  }
}

export function isObject(value: unknown): value is RuleObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function checkRuleCount(ruleCount: number): void {
  if (ruleCount > ruleCountMax) throw new UsageError(`give at most ${ruleCountMax} rules`);
}

/** Counted from 1, as people count. */
export function ruleError(ruleIndex: number, message: string): UsageError {
  return new UsageError(`rule ${ruleIndex + 1}: ${message}`);
}

/** A pattern as files/path-pattern.ts matches it; refused when no path could ever match. */
export function checkPattern(pattern: unknown, ruleIndex: number): string {
  const isPattern =
    typeof pattern === "string" &&
    pattern !== "" &&
    pattern.length <= patternCharsMax &&
    pattern.isWellFormed() &&
    !/\p{Cc}|\/\/|(^|\/)\.{1,2}(\/|$)/u.test(pattern);
  if (isPattern) return pattern;
  const shown = typeof pattern === "string" ? `${quote(pattern)}: ` : "";
  throw ruleError(
    ruleIndex,
    `${shown}give a pattern such as *.html or /assets/**, of at most ${patternCharsMax} characters`,
  );
}
