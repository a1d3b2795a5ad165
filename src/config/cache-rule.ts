// Reader of --cache-control: what is sent with which files. Pure; throws UsageError with a fragment that
// says what is allowed. What it returns is checked, frozen and plain, so that it can be handed to a
// thread; files/file-fields.ts matches it.

import { readPatterns } from "./file-pattern.ts";
import { checkRuleCount, isObject, parseJson, ruleError } from "./json-rules.ts";
import { findNearestName } from "./nearest-name.ts";
import { quote, UsageError } from "./usage-error.ts";

/** The first rule whose pattern matches a file gives its Cache-Control. */
export interface CacheRule {
  readonly pattern: string;
  readonly value: string;
}

const example = "'/assets/**=max-age=31536000, immutable; *.html=no-cache'";
const forms = `give a value for every file, such as max-age=3600, or PATTERN=VALUE, such as ${example}`;
const valueCharsMax = 4096;
const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const directive = new RegExp(`^(${token})(?:=(${token}|"[^"\\\\]*"))?$`);
/** RFC 9111 §5.2.2, RFC 5861, RFC 8246: those that hold seconds, and all others. */
const timed = ["max-age", "s-maxage", "stale-while-revalidate", "stale-if-error"];
const untimed = [
  ...["no-cache", "no-store", "no-transform", "must-revalidate", "must-understand"],
  ...["private", "proxy-revalidate", "public", "immutable"],
];
/** Followed by the names of fields, in quotes. */
const listing = ["no-cache", "private"];
/** They match every file, so no rule behind them is ever reached. */
const everyFile = ["*", "**", "/**"];

/** `VALUE` for every file; `PATTERN=VALUE; PATTERN=VALUE`; or a JSON object of the same. */
export function parseCacheRules(text: string): readonly CacheRule[] {
  const pairs = text.trimStart().startsWith("{") ? readCacheObject(text) : splitCacheText(text);
  const rules = pairs.flatMap(([pattern, written], index) => {
    const value = checkCacheControl(written, index);
    return readPatterns(pattern, index).map((each) => Object.freeze({ pattern: each, value }));
  });
  checkRuleCount(rules.length);
  rules.forEach((rule, index) => {
    const before = rules.slice(0, index).map(({ pattern }) => pattern);
    const hiding = before.find((each) => everyFile.includes(each) || each === rule.pattern);
    if (hiding === undefined) return;
    throw new UsageError(
      `the rule for ${quote(rule.pattern)} is never reached, because ${quote(hiding)} comes before it: put that one last, or keep one of them`,
    );
  });
  return Object.freeze(rules);
}

function splitCacheText(text: string): [pattern: string, value: string][] {
  const parts = text.split(";").filter((part) => part.trim() !== "");
  if (parts.length === 0) throw new UsageError(forms);
  return parts.map((part, index) => {
    if (isValue(part)) return ["*", part.trim()];
    const mark = part.indexOf("=");
    if (mark < 0) throw ruleError(index, forms);
    return [part.slice(0, mark).trim(), part.slice(mark + 1).trim()];
  });
}

/**
 * Whether a text is a Cache-Control itself, as other tools take it. No file is named `max-age`; of
 * `public=no-cache` the first word is a name, because that directive has no value.
 */
function isValue(text: string): boolean {
  const [first = ""] = text.split(",");
  const [, name = "", value] = directive.exec(first.trim()) ?? [];
  const lowerName = name.toLowerCase();
  if (timed.includes(lowerName)) return true;
  const isListing = listing.includes(lowerName) && value?.startsWith('"') === true;
  return untimed.includes(lowerName) && (value === undefined || isListing);
}

function readCacheObject(text: string): [pattern: string, value: unknown][] {
  const objectExample = '{"*.html": "no-cache"}';
  const value = parseJson(text, objectExample);
  if (!isObject(value)) throw new UsageError(`give an object, such as ${objectExample}`);
  return Object.entries(value).map(([pattern, each], index) => {
    if (!timed.includes(pattern.toLowerCase())) return [pattern, each];
    throw ruleError(
      index,
      `${quote(pattern)} is no pattern: write {"*": "${pattern}=3600"} for every file`,
    );
  });
}

/** RFC 9111 §5.2: directives, some with a value; those that are times hold whole seconds. */
function checkCacheControl(value: unknown, ruleIndex: number): string {
  const directives = typeof value === "string" ? value.split(",").map((part) => part.trim()) : [];
  const isList = directives.length > 0 && directives.every((part) => directive.test(part));
  if (typeof value !== "string" || !isList || value.length > valueCharsMax) {
    throw ruleError(ruleIndex, "give Cache-Control as no-cache or public, max-age=3600");
  }
  for (const part of directives) checkDirective(part, ruleIndex);
  return directives.join(", ");
}

/** Others than ours may be of a cache that knows them; but not those that are a slip of the hand. */
function checkDirective(part: string, ruleIndex: number): void {
  const [name = "", value] = part.toLowerCase().split("=", 2);
  if (timed.includes(name) && !/^\d{1,10}$/.test(value ?? "")) {
    throw ruleError(ruleIndex, `${quote(part)}: give whole seconds, such as max-age=3600`);
  }
  const known = [...timed, ...untimed];
  if (known.includes(name)) return;
  const nearest = findNearestName(name, known);
  if (nearest !== undefined) throw ruleError(ruleIndex, `${quote(part)}: did you mean ${nearest}?`);
  if (/^\d+$/.test(name)) {
    throw ruleError(ruleIndex, `${quote(part)}: say what it is, such as max-age=${name}`);
  }
}
