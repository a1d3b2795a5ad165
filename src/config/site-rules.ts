// Readers of --cache-control and --headers: what is sent with which files. Pure; throw UsageError with
// a fragment that says what is allowed. What they return is typed, checked, frozen and plain, so that
// it can be handed to a thread; files/file-fields.ts matches it.

import {
  checkPattern,
  checkRuleCount,
  isObject,
  parseJson,
  parseRuleList,
  ruleError,
} from "./json-rules.ts";
import { quote, UsageError } from "./usage-error.ts";

/** The first rule whose pattern matches a file gives its Cache-Control. */
export interface CacheRule {
  readonly pattern: string;
  readonly value: string;
}

/** Every rule whose pattern matches sets its fields, in order. */
export interface HeaderRule {
  readonly pattern: string;
  /** Names as they were written, and values. */
  readonly set: readonly (readonly [name: string, value: string])[];
}

const cacheExample = "'/assets/**=max-age=31536000, immutable; *.html=no-cache'";
const headerExample = '{"path": "*.html", "set": {"X-Frame-Options": "DENY"}}';
const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const fieldName = new RegExp(`^${token}$`);
const fieldValue = /^[!-~](?:[\t -~]*[!-~])?$/;
/** What a rule may say that files have been encoded with: the codings that weir knows. */
const codingNames: readonly string[] = ["br", "zstd", "gzip"];
const fieldCharsMax = 4096;
const directive = new RegExp(`^${token}(?:=(?:${token}|"[^"\\\\]*"))?$`);
const secondsDirective = /^(?:max-age|s-maxage|stale-while-revalidate|stale-if-error)(?:=|$)/i;

/**
 * Fields by which weir frames its answers, or which it works out from the file and the client: a second
 * word about them would be wrong, or split one answer into two.
 */
const governedNames: ReadonlySet<string> = new Set(
  (
    "accept-ranges age allow connection content-length content-range date etag " +
    "keep-alive last-modified location proxy-connection retry-after server te trailer " +
    "transfer-encoding upgrade"
  ).split(" "),
);

/** `PATTERN=VALUE; PATTERN=VALUE`, or a JSON object of the same. */
export function parseCacheRules(text: string): readonly CacheRule[] {
  const pairs = text.trimStart().startsWith("{") ? readCacheObject(text) : splitCacheText(text);
  checkRuleCount(pairs.length);
  const rules = pairs.map(([pattern, value], index) =>
    Object.freeze({
      pattern: checkPattern(pattern, index),
      value: checkCacheControl(value, index),
    }),
  );
  return Object.freeze(rules);
}

/** `[{"path": PATTERN, "set": {NAME: VALUE}}]` */
export function parseHeaderRules(text: string): readonly HeaderRule[] {
  const rules = parseRuleList(text, ["path", "set"], headerExample).map(({ path, set }, index) => {
    const pattern = checkPattern(path, index);
    if (!isObject(set) || Object.keys(set).length === 0) {
      throw ruleError(index, `give the fields to set, such as ${headerExample}`);
    }
    const fields = Object.entries(set).map(([name, value]) => checkField(name, value, index));
    // nosniff is on every answer already; a second one would only be longer.
    const added = fields.filter(([name]) => name.toLowerCase() !== "x-content-type-options");
    return Object.freeze({ pattern, set: Object.freeze(added) });
  });
  return Object.freeze(rules);
}

function splitCacheText(text: string): [pattern: string, value: string][] {
  const parts = text.split(";").filter((part) => part.trim() !== "");
  if (parts.length === 0) throw new UsageError(`give PATTERN=VALUE, such as ${cacheExample}`);
  return parts.map((part, index) => {
    const mark = part.indexOf("=");
    if (mark < 0) throw ruleError(index, `give PATTERN=VALUE, such as ${cacheExample}`);
    return [part.slice(0, mark).trim(), part.slice(mark + 1).trim()];
  });
}

function readCacheObject(text: string): [pattern: string, value: unknown][] {
  const example = '{"*.html": "no-cache"}';
  const value = parseJson(text, example);
  if (!isObject(value)) throw new UsageError(`give an object, such as ${example}`);
  return Object.entries(value);
}

/** RFC 9111 §5.2: directives, some with a value; those that are times hold whole seconds. */
function checkCacheControl(value: unknown, ruleIndex: number): string {
  const directives = typeof value === "string" ? value.split(",").map((part) => part.trim()) : [];
  const isList = directives.length > 0 && directives.every((part) => directive.test(part));
  if (typeof value !== "string" || !isList || value.length > fieldCharsMax) {
    throw ruleError(ruleIndex, "give Cache-Control as no-cache or public, max-age=3600");
  }
  const wrong = directives.find((part) => secondsDirective.test(part) && !/=\d{1,10}$/.test(part));
  if (wrong === undefined) return directives.join(", ");
  throw ruleError(ruleIndex, `${quote(wrong)}: give whole seconds, such as max-age=3600`);
}

function checkField(name: string, value: unknown, ruleIndex: number): readonly [string, string] {
  if (!fieldName.test(name)) {
    throw ruleError(
      ruleIndex,
      `${quote(name)} is not the name of a field, such as X-Frame-Options`,
    );
  }
  const lowerName = name.toLowerCase();
  if (governedNames.has(lowerName) || lowerName.startsWith("ratelimit")) {
    throw ruleError(ruleIndex, `weir sets ${name} itself, and nothing else may`);
  }
  if (typeof value !== "string" || !fieldValue.test(value) || value.length > fieldCharsMax) {
    throw ruleError(
      ruleIndex,
      `give ${name} a string of visible ASCII, at most ${fieldCharsMax} characters on one line`,
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
