// Patterns of files as a person writes them in rules, made into those that files/path-pattern.ts matches.
// Pure; throws UsageError. What cannot match any file is refused here, and what other tools write in
// their own way is understood where it has one meaning: `./a`, `*.{css,js}`.

import { ruleError } from "./json-rules.ts";
import { quote } from "./usage-error.ts";

const patternCharsMax = 256;
/** Of one text, by its braces. */
const expandedMax = 64;
const BRACES = /^([^{}]*)\{([^{}]*,[^{}]*)\}(.*)$/s;

/**
 * One pattern, or several where it has braces.
 * @param ruleIndex for messages, from 0
 */
export function readPatterns(pattern: unknown, ruleIndex: number): readonly string[] {
  if (typeof pattern !== "string") throw refuse("", ruleIndex);
  const shown = pattern === "" ? '"": ' : `${quote(pattern)}: `;
  const bare = pattern.trim().replace(/^\.\//, "/");
  const why = explainPattern(bare);
  if (why !== undefined) throw ruleError(ruleIndex, shown + why);
  if (bare.length > patternCharsMax || countChoices(bare) > expandedMax) {
    throw refuse(shown, ruleIndex);
  }
  const patterns = expandBraces(bare);
  if (!patterns.every(canMatch)) throw refuse(shown, ruleIndex);
  return patterns;
}

function refuse(shown: string, ruleIndex: number) {
  return ruleError(
    ruleIndex,
    `${shown}give a pattern such as *.html or /assets/**, of at most ${patternCharsMax} characters`,
  );
}

/** Why a text that looks like a pattern is none here; undefined: it may be one. */
function explainPattern(text: string): string | undefined {
  if (/^[a-z]+:\/\//i.test(text)) return "give the path on disk, from the served folder, not a URL";
  if (text.includes("\\")) return "write / between folders, and ? for a backslash in a name";
  if (/%[0-9a-f]{2}/i.test(text)) return "write names as they are on disk, without percent escapes";
  if (/[@!+]\(/.test(text)) return "write a rule for each, or *.{css,js}";
  return undefined;
}

/** Whether a path from the root can be like it: it has no empty name, and none of dots alone. */
function canMatch(pattern: string): boolean {
  return (
    pattern !== "" && pattern.isWellFormed() && !/\p{Cc}|\/\/|(^|\/)\.{1,2}(\/|$)/u.test(pattern)
  );
}

/** How many patterns the braces make; known before they are made, since each pair multiplies them. */
function countChoices(text: string): number {
  const groups = text.match(/\{[^{}]*,[^{}]*\}/g) ?? [];
  return groups.reduce((count, group) => count * group.split(",").length, 1);
}

function expandBraces(text: string): string[] {
  const [, before = "", choices, after = ""] = BRACES.exec(text) ?? [];
  if (choices === undefined) return [text];
  const rests = expandBraces(after);
  return choices.split(",").flatMap((choice) => rests.map((rest) => before + choice.trim() + rest));
}
