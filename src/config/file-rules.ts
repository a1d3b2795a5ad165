// Readers of --cache-control and --headers: which fields are sent with which files, by the patterns that a
// person writes. Pure; they throw UsageError with a fragment that says what is allowed. Their results are
// checked, frozen and plain, to be given to threads; site/rules.ts matches them.

import {
  checkRuleCount,
  isObject,
  parseJson,
  parseRuleList,
  type RuleObject,
  ruleError,
} from "./json-rules.ts";
import { findNearestName, quote, UsageError } from "./usage-error.ts";

/** The first rule whose pattern matches a file gives its Cache-Control. */
export interface CacheRule {
  readonly pattern: string;
  readonly value: string;
}

const EXAMPLE = "'/assets/**=max-age=31536000, immutable; *.html=no-cache'";
const FORMS = `give a value for every file, such as max-age=3600, or PATTERN=VALUE, such as ${EXAMPLE}`;
const VALUE_CHARS_MAX = 4096;
const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const DIRECTIVE = new RegExp(`^(${TOKEN})(?:=(${TOKEN}|"[^"\\\\]*"))?$`);
/** RFC 9111 §5.2.2, RFC 5861, RFC 8246: directives that hold seconds, and all others. */
const timed = ["max-age", "s-maxage", "stale-while-revalidate", "stale-if-error"];
const untimed = [
  ...["no-cache", "no-store", "no-transform", "must-revalidate", "must-understand"],
  ...["private", "proxy-revalidate", "public", "immutable"],
];
/** Followed by the names of fields, in quotes. */
const listing = ["no-cache", "private"];
/** These match every file, so no rule after them is ever reached. */
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
  if (parts.length === 0) throw new UsageError(FORMS);
  return parts.map((part, index) => {
    if (isValue(part)) return ["*", part.trim()];
    const mark = part.indexOf("=");
    if (mark < 0) throw ruleError(index, FORMS);
    return [part.slice(0, mark).trim(), part.slice(mark + 1).trim()];
  });
}

/**
 * Whether a text is a Cache-Control itself, as other tools take it. No file is named `max-age`; of
 * `public=no-cache` the first word is a name, because that directive has no value.
 */
function isValue(text: string): boolean {
  const [first = ""] = text.split(",");
  const [, name = "", value] = DIRECTIVE.exec(first.trim()) ?? [];
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
  const isList = directives.length > 0 && directives.every((part) => DIRECTIVE.test(part));
  if (typeof value !== "string" || !isList || value.length > VALUE_CHARS_MAX) {
    throw ruleError(ruleIndex, "give Cache-Control as no-cache or public, max-age=3600");
  }
  for (const part of directives) checkDirective(part, ruleIndex);
  return directives.join(", ");
}

/** Some cache may know a directive that we do not; but a typing slip in a known one is refused. */
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

/** Every rule whose pattern matches sets its fields, in order. */
export interface HeaderRule {
  readonly pattern: string;
  /** Names as they were written, and values. */
  readonly set: readonly (readonly [name: string, value: string])[];
}

const HEADER_EXAMPLE = '{"path": "*.html", "set": {"X-Frame-Options": "DENY"}}';
const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const FIELD_VALUE = /^[!-~](?:[\t -~]*[!-~])?$/;
/** The codings that a rule may state for files that are encoded already: those that weir knows. */
const codingNames: readonly string[] = ["br", "zstd", "gzip"];
const FIELD_CHARS_MAX = 4096;
/**
 * Fields by which weir frames its answers, or which it derives from the file and the client: a second value
 * would be wrong, or would split one answer into two.
 */
const governedNames: ReadonlySet<string> = new Set(
  (
    "accept-ranges age allow connection content-length content-range date etag " +
    "keep-alive last-modified location proxy-connection retry-after server te trailer " +
    "transfer-encoding upgrade"
  ).split(" "),
);

/** Fields that a client sends; in an answer they say nothing (RFC 9110, RFC 6265). */
const requestNames: ReadonlySet<string> = new Set(
  (
    "accept accept-charset accept-encoding accept-language authorization cookie expect forwarded from " +
    "host if-match if-modified-since if-none-match if-range if-unmodified-since max-forwards origin " +
    "proxy-authorization range referer user-agent x-forwarded-for x-forwarded-host x-forwarded-proto"
  ).split(" "),
);

/** `[{"path": PATTERN, "set": {NAME: VALUE}}]` */
export function parseHeaderRules(text: string): readonly HeaderRule[] {
  const rules = parseRuleList(text, ["path", "set"], HEADER_EXAMPLE).flatMap(readRule);
  checkRuleCount(rules.length);
  checkRepeats(rules);
  return Object.freeze(rules);
}

function readRule({ path, set }: RuleObject, index: number): HeaderRule[] {
  const patterns = readPatterns(path, index);
  if (!isObject(set) || Object.keys(set).length === 0) {
    throw ruleError(index, `give the fields to set, such as ${HEADER_EXAMPLE}`);
  }
  const fields = Object.entries(set).map(([name, value]) => checkField(name, value, index));
  const names = fields.map(([name]) => name.toLowerCase());
  const repeated = names.find((name, at) => names.indexOf(name) < at);
  if (repeated !== undefined) {
    throw ruleError(index, `${quote(repeated)} is set twice: keep one of them`);
  }
  // Every answer has nosniff already.
  const added = fields.filter(([name]) => name.toLowerCase() !== "x-content-type-options");
  return patterns.map((pattern) => Object.freeze({ pattern, set: Object.freeze(added) }));
}

/** If a field is set twice for one pattern, the first value would never be sent. */
function checkRepeats(rules: readonly HeaderRule[]): void {
  const known = new Set<string>();
  for (const { pattern, set } of rules) {
    for (const [name] of set) {
      const key = `${name.toLowerCase()} ${pattern}`;
      if (known.has(key)) {
        throw new UsageError(
          `${name} is set twice for ${quote(pattern)}, and only the last would be sent: keep one of them`,
        );
      }
      known.add(key);
    }
  }
}

function checkField(name: string, value: unknown, ruleIndex: number): readonly [string, string] {
  if (!FIELD_NAME.test(name)) {
    throw ruleError(
      ruleIndex,
      `${quote(name)} is not the name of a field, such as X-Frame-Options`,
    );
  }
  const lowerName = name.toLowerCase();
  if (governedNames.has(lowerName) || lowerName.startsWith("ratelimit")) {
    throw ruleError(ruleIndex, `weir sets ${name} itself, and nothing else may`);
  }
  if (requestNames.has(lowerName)) {
    throw ruleError(ruleIndex, `${name} is sent by clients, and says nothing in an answer`);
  }
  if (typeof value !== "string" || !FIELD_VALUE.test(value) || value.length > FIELD_CHARS_MAX) {
    throw ruleError(
      ruleIndex,
      `give ${name} a string of visible ASCII, at most ${FIELD_CHARS_MAX} characters on one line`,
    );
  }
  if (lowerName === "content-encoding" && !codingNames.includes(value.toLowerCase())) {
    throw ruleError(
      ruleIndex,
      `${quote(value)}: give ${name} as br, zstd or gzip, for files that are encoded so already`,
    );
  }
  if (lowerName === "x-content-type-options" && value.toLowerCase() !== "nosniff") {
    throw ruleError(ruleIndex, `weir sets ${name} to nosniff on every answer`);
  }
  return Object.freeze([name, value] as const);
}

const PATTERN_CHARS_MAX = 256;
/** How many patterns one text may make with its braces. */
const EXPANDED_MAX = 64;
const BRACES = /^([^{}]*)\{([^{}]*,[^{}]*)\}(.*)$/s;

/**
 * One pattern, or several where it has braces.
 * @param ruleIndex for messages, from 0
 */
function readPatterns(pattern: unknown, ruleIndex: number): readonly string[] {
  if (typeof pattern !== "string") throw refuse("", ruleIndex);
  const shown = pattern === "" ? '"": ' : `${quote(pattern)}: `;
  const bare = pattern.trim().replace(/^\.\//, "/");
  const why = explainPattern(bare);
  if (why !== undefined) throw ruleError(ruleIndex, shown + why);
  if (bare.length > PATTERN_CHARS_MAX || countChoices(bare) > EXPANDED_MAX) {
    throw refuse(shown, ruleIndex);
  }
  const patterns = expandBraces(bare);
  if (!patterns.every(canMatch)) throw refuse(shown, ruleIndex);
  return patterns;
}

function refuse(shown: string, ruleIndex: number) {
  return ruleError(
    ruleIndex,
    `${shown}give a pattern such as *.html or /assets/**, of at most ${PATTERN_CHARS_MAX} characters`,
  );
}

/** Why a text that looks like a pattern is not one here; undefined if it may be one. */
function explainPattern(text: string): string | undefined {
  if (/^[a-z]+:\/\//i.test(text)) return "give the path on disk, from the served folder, not a URL";
  if (text.includes("\\")) return "write / between folders, and ? for a backslash in a name";
  if (/%[0-9a-f]{2}/i.test(text)) return "write names as they are on disk, without percent escapes";
  if (/[@!+]\(/.test(text)) return "write a rule for each, or *.{css,js}";
  return undefined;
}

/** Whether a path from the root can match it: no name in it is empty or made of dots alone. */
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
