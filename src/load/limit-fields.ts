// What a server says about its limit in the fields of an answer: RateLimit-Policy and RateLimit
// (IETF draft "RateLimit header fields for HTTP"), and Retry-After (RFC 9110 section 10.2.3). Pure.
// A field that cannot be read says nothing: a client must not fail for it.

export interface LimitPolicy {
  readonly count: number;
  readonly windowMs: number;
}

export interface LimitNews {
  /** As it stands in the answer. */
  readonly policyText: string | undefined;
  /** Of several the one with the fewest requests left, else the first. */
  readonly policy: LimitPolicy | undefined;
  readonly remaining: number | undefined;
  /** How long to wait before asking again; the most exact of what the answer tells. */
  readonly waitMs: number | undefined;
}

type Item = { readonly name: string; readonly parameters: ReadonlyMap<string, number> };

/** `wallMs` is now, for a Retry-After that is a date. `fields` are by lower-case name. */
export function readLimitNews(fields: ReadonlyMap<string, string>, wallMs: number): LimitNews {
  const policyText = fields.get("ratelimit-policy");
  const policies = parseItems(policyText ?? "");
  const states = parseItems(fields.get("ratelimit") ?? "").filter(hasRemaining);
  const state = states.reduce<Item | undefined>(
    (least, item) => (least && remainingOf(least) <= remainingOf(item) ? least : item),
    undefined,
  );
  const policy = policies.find(({ name }) => name === state?.name) ?? policies[0];
  const retryAfter = fields.get("retry-after");
  const exactSeconds = state?.parameters.get("weir-t");
  const waitMs =
    toMs(exactSeconds) ??
    (retryAfter === undefined ? undefined : parseRetryAfter(retryAfter, wallMs)) ??
    toMs(state?.parameters.get("t"));
  return {
    policyText,
    policy: policy && toPolicy(policy),
    remaining: state?.parameters.get("r"),
    waitMs,
  };
}

/** Milliseconds from now: a number of seconds, or a date. */
export function parseRetryAfter(value: string, wallMs: number): number | undefined {
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  // An HTTP date always names its day; Date.parse alone would take "5.5" for one.
  if (!/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(value)) return undefined;
  const atMs = Date.parse(value);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - wallMs);
}

/** `"default";q=5;w=1, "day";q=100;w=86400`: quoted names with numbers as parameters. */
function parseItems(value: string): Item[] {
  return value.split(",").flatMap((part): Item[] => {
    const [, name, rest] = /^[\t ]*"([^"]*)"((?:[\t ]*;[^;]*)*)$/.exec(part) ?? [];
    if (name === undefined || rest === undefined) return [];
    const pairs = Array.from(rest.matchAll(/;[\t ]*([a-z*][a-z0-9_.*-]*)=(\d{1,12}(?:\.\d+)?)/g));
    return [{ name, parameters: new Map(pairs.map(([, key, number]) => [key!, Number(number)])) }];
  });
}

function hasRemaining({ parameters }: Item): boolean {
  return parameters.has("r");
}

function remainingOf({ parameters }: Item): number {
  return parameters.get("r")!;
}

function toPolicy({ parameters }: Item): LimitPolicy | undefined {
  const [count, windowMs] = [parameters.get("q"), toMs(parameters.get("w"))];
  return count === undefined || windowMs === undefined ? undefined : { count, windowMs };
}

function toMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.ceil(seconds * 1000 - 1e-6);
}
