// The redirects of a site: the reader of --redirects, and the match of a path. Pure. The reader throws
// UsageError with a fragment that says what is allowed, and refuses redirects that lead in a circle.

import { parseRuleList, type RuleObject, ruleError } from "./json-rules.ts";
import { quote } from "./usage-error.ts";

const statuses = [301, 302, 307, 308] as const;

/** Plain, to be given to threads. Each character of `before` and `after` is a byte. */
export interface RedirectRule {
  /** The beginning of a path, or the whole path when there is no star. */
  readonly before: string;
  /** What a star matches: nothing, anything but a slash, anything. */
  readonly star: "none" | "name" | "path";
  readonly after: string;
  /** A path from the root, or an absolute URL. A star in it takes what the other one matched. */
  readonly to: string;
  readonly status: (typeof statuses)[number];
}

export interface FoundRedirect {
  readonly rule: RedirectRule;
  /** What the star matched, one character a byte; "" without a star. */
  readonly captured: string;
}

const EXAMPLE = '{"from": "/old/*", "to": "/new/*", "status": 301}';
const URL_CHARS_MAX = 2048;
const STAR_RUN = /\*+/g;
/** Takes the place of the star when a rule is followed on trial. */
const TRIAL_CAPTURE = "x";

/** `[{"from": PATH, "to": PATH or URL, "status": 301}]`, 301 when no status is given. */
export function parseRedirects(text: string): readonly RedirectRule[] {
  const rules = parseRuleList(text, ["from", "to", "status"], EXAMPLE).map(readRule);
  rules.forEach((rule, index) => {
    const hidingIndex = rules.findIndex((each, at) => at < index && takesAllOf(each, rule));
    if (hidingIndex < 0) return;
    throw ruleError(
      index,
      `it is never reached, because rule ${hidingIndex + 1} comes before it and is for the same paths: put the narrower one first`,
    );
  });
  rules.forEach((rule, index) => {
    if (!leadsInCircle(rules, rule)) return;
    throw ruleError(index, `its "to" leads back to a "from", so it would never end`);
  });
  return Object.freeze(rules);
}

/**
 * The first rule for a path.
 * @param bytePath from the root, one character a byte; a folder's with its slash at the end
 */
export function findRedirect(
  rules: readonly RedirectRule[],
  bytePath: string,
): FoundRedirect | undefined {
  for (const rule of rules) {
    const captured = capture(rule, bytePath);
    if (captured !== undefined) return { rule, captured };
  }
  return undefined;
}

function capture({ before, star, after }: RedirectRule, path: string): string | undefined {
  if (star === "none") return path === before ? "" : undefined;
  if (path.length < before.length + after.length) return undefined;
  if (!path.startsWith(before) || !path.endsWith(after)) return undefined;
  const captured = path.slice(before.length, path.length - after.length);
  return star === "name" && captured.includes("/") ? undefined : captured;
}

/**
 * The Location of a redirect. The query of the request is kept, unless the rule brings its own.
 * What was captured is percent-encoded, so it stays what it was: part of a path on the rule's host.
 */
export function formatLocation(found: FoundRedirect, rawQuery: string | undefined): string {
  const filled = found.rule.to.replace(STAR_RUN, () => encode(found.captured));
  const [beforeFragment = "", ...fragment] = filled.split("#");
  const query = rawQuery === undefined || beforeFragment.includes("?") ? "" : `?${rawQuery}`;
  const location = [beforeFragment + query, ...fragment].join("#");
  // A captured slash behind the rule's own must not make the path the name of a host: `//host`.
  return location.replace(/^\/{2,}/, "/");
}

/** Everything but unreserved characters and slashes (RFC 3986 §2.3). */
function encode(bytes: string): string {
  return bytes.replaceAll(
    /[^A-Za-z0-9._~/-]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}

/** Whether every path that `other` is for is one of `rule`'s. */
function takesAllOf(rule: RedirectRule, other: RedirectRule): boolean {
  if (other.star === "none") return capture(rule, other.before) !== undefined;
  if (rule.star === "none" || (rule.star === "name" && other.star === "path")) return false;
  const [before, after] = [other.before, other.after];
  if (!before.startsWith(rule.before) || !after.endsWith(rule.after)) return false;
  const rest = before.slice(rule.before.length) + after.slice(0, after.length - rule.after.length);
  return rule.star === "path" || !rest.includes("/");
}

/**
 * Follows a rule, with a trial name in place of its star, for as long as rules lead on.
 * @param settle where the server itself redirects a path that no rule is for
 */
export function leadsInCircle(
  rules: readonly RedirectRule[],
  first: RedirectRule,
  settle: (bytePath: string) => string = (path) => path,
): boolean {
  let found: FoundRedirect | undefined = {
    rule: first,
    captured: first.star === "none" ? "" : TRIAL_CAPTURE,
  };
  for (let step = 0; step <= rules.length && found !== undefined; step++) {
    const path = pathOf(formatLocation(found, undefined));
    found =
      path === undefined
        ? undefined
        : (findRedirect(rules, path) ?? findRedirect(rules, settle(path)));
  }
  return found !== undefined;
}

/** The path that a request for a location asks for; undefined on another server. */
function pathOf(location: string): string | undefined {
  if (!location.startsWith("/")) return undefined;
  return location
    .replace(/[?#].*$/s, "")
    .replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
}

function readRule({ from, to, status = 301 }: RuleObject, index: number): RedirectRule {
  const known = statuses.find((each) => each === status);
  if (known === undefined) throw ruleError(index, "give 301, 302, 307 or 308 as the status");
  const parts = readFrom(from, index);
  return Object.freeze({ ...parts, to: readTo(to, parts.star !== "none", index), status: known });
}

/** A path is matched as it is on disk, so an escape in it would be part of a name. */
function checkEscapes(from: unknown, index: number): void {
  if (typeof from !== "string" || !/%[0-9a-f]{2}/i.test(from)) return;
  throw ruleError(
    index,
    `${quote(from)}: write "from" as names are on disk, without percent escapes`,
  );
}

function readFrom(from: unknown, index: number): Pick<RedirectRule, "before" | "star" | "after"> {
  checkEscapes(from, index);
  const stars = typeof from === "string" ? [...from.matchAll(STAR_RUN)] : [];
  const isPath =
    typeof from === "string" &&
    from.length <= URL_CHARS_MAX &&
    from.isWellFormed() &&
    from.startsWith("/") &&
    stars.length <= 1 &&
    !/\p{Cc}|[?#]|\/\/|\/\.{1,2}(\/|$)/u.test(from);
  if (!isPath) {
    throw ruleError(
      index,
      'give "from" a path such as /old or /old/*, with one star at most and without ? and #',
    );
  }
  const [run] = stars;
  if (run === undefined) return { before: toBytes(from), star: "none", after: "" };
  return {
    before: toBytes(from.slice(0, run.index)),
    star: run[0] === "*" ? "name" : "path",
    after: toBytes(from.slice(run.index + run[0].length)),
  };
}

function readTo(to: unknown, hasStar: boolean, index: number): string {
  const refuse = (why: string) =>
    ruleError(index, `${typeof to === "string" ? `${quote(to)}: ` : ""}${why}`);
  // Visible ASCII, except what browsers read in ways of their own: \ as a slash, <> and quotes.
  const isUrlText =
    typeof to === "string" &&
    to.length <= URL_CHARS_MAX &&
    /^[!#-;=?-[\]_a-z~|]+$/.test(to) &&
    !/%(?![0-9A-Fa-f]{2})/.test(to);
  const isPath = isUrlText && /^\/(?!\/)/.test(to);
  // Only the configuration decides the host: no star, no user name, and a slash ends it.
  const isUrl = isUrlText && /^https?:\/\/[^/?#*@]+(?:[/?#]|$)/i.test(to) && URL.canParse(to);
  if (!isPath && !isUrl) {
    throw refuse('give "to" a path such as /new/*, or a URL such as https://example.org/*');
  }
  const starCount = to.match(STAR_RUN)?.length ?? 0;
  if (starCount > (hasStar ? 1 : 0)) {
    throw refuse('give "to" one star at most, and only where "from" has one');
  }
  return to;
}

function toBytes(text: string): string {
  return Buffer.from(text).toString("latin1");
}
