// What the readers of rules share: JSON that is a list of objects with known names. Pure; they throw
// UsageError with a fragment that says which rule it is and what is allowed.

import { quote, UsageError } from "./usage-error.ts";

/** More rules are a mistake, and every request looks through them. */
export const RULE_COUNT_MAX = 256;

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
  if (ruleCount > RULE_COUNT_MAX) throw new UsageError(`give at most ${RULE_COUNT_MAX} rules`);
}

/** The message counts rules from 1, as people do. */
export function ruleError(ruleIndex: number, message: string): UsageError {
  return new UsageError(`rule ${ruleIndex + 1}: ${message}`);
}

/**
 * The name that appears twice in one object of a JSON text; undefined if there is none. The standard parser
 * would silently keep the last of the two members.
 */
export function findRepeatedName(json: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  // Strings, with the colon that makes one a name, and what opens and ends objects and arrays.
  for (const [token, name] of json.matchAll(/("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (token === "{") open.push(new Set());
    else if (token === "[") open.push(undefined);
    else if (token === "}" || token === "]") open.pop();
    else if (name !== undefined) {
      const known = open.at(-1);
      const text = JSON.parse(name) as string;
      if (known?.has(text)) return text;
      known?.add(text);
    }
  }
  return undefined;
}
