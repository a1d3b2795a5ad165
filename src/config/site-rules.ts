// Reader of --headers: which fields are sent with which files. Pure; throws UsageError with a fragment
// that says what is allowed. What it returns is checked, frozen and plain, so that it can be handed to
// a thread; files/file-fields.ts matches it.

import { readPatterns } from "./file-pattern.ts";
import {
  checkRuleCount,
  isObject,
  parseRuleList,
  type RuleObject,
  ruleError,
} from "./json-rules.ts";
import { quote, UsageError } from "./usage-error.ts";

/** Every rule whose pattern matches sets its fields, in order. */
export interface HeaderRule {
  readonly pattern: string;
  /** Names as they were written, and values. */
  readonly set: readonly (readonly [name: string, value: string])[];
}

const headerExample = '{"path": "*.html", "set": {"X-Frame-Options": "DENY"}}';
const fieldName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const fieldValue = /^[!-~](?:[\t -~]*[!-~])?$/;
/** What a rule may say that files have been encoded with: the codings that weir knows. */
const codingNames: readonly string[] = ["br", "zstd", "gzip"];
const fieldCharsMax = 4096;
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
  const rules = parseRuleList(text, ["path", "set"], headerExample).flatMap(readRule);
  checkRuleCount(rules.length);
  checkRepeats(rules);
  return Object.freeze(rules);
}

function readRule({ path, set }: RuleObject, index: number): HeaderRule[] {
  const patterns = readPatterns(path, index);
  if (!isObject(set) || Object.keys(set).length === 0) {
    throw ruleError(index, `give the fields to set, such as ${headerExample}`);
  }
  const fields = Object.entries(set).map(([name, value]) => checkField(name, value, index));
  const names = fields.map(([name]) => name.toLowerCase());
  const repeated = names.find((name, at) => names.indexOf(name) < at);
  if (repeated !== undefined) {
    throw ruleError(index, `${quote(repeated)} is set twice: keep one of them`);
  }
  // nosniff is on every answer already; a second one would only be longer.
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
  if (requestNames.has(lowerName)) {
    throw ruleError(ruleIndex, `${name} is sent by clients, and says nothing in an answer`);
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
