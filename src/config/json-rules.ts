// What the readers of rules share: JSON that is a list of objects with known names. Pure; each throws
// UsageError with a fragment that says which rule and what is allowed.

import { findRepeatedName } from "./json-text.ts";
import { quote, UsageError } from "./usage-error.ts";

/** More are a mistake; every request looks through them. */
export const ruleCountMax = 256;

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
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(`it is not JSON; write it such as ${example}`);
  }
  const repeated = findRepeatedName(text);
  if (repeated === undefined) return value;
  throw new UsageError(`${quote(repeated)} appears twice in one object: keep one of them`);
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
