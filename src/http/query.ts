// The few values that weir reads from a query: `format`, `sort`, `page`, `q`, `download` and their like.
// Pure. It looks at a bounded part: the client decides how long a query is, also one that is refused.

/** Our own links have three pairs of some 40 characters, and trackers add some hundreds. */
const CHARS_MAX = 1024;
const PAIRS_MAX = 32;

/**
 * The first value of `name`, decoded as forms are (WHATWG URL, application/x-www-form-urlencoded);
 * undefined where there is none within the bounds.
 * @param query with or without its `?`
 * @param name of letters; a query that encodes them is not ours
 */
export function findQueryValue(query: string, name: string): string | undefined {
  let start = query.startsWith("?") ? 1 : 0;
  const length = Math.min(query.length, CHARS_MAX);
  for (let pair = 0; pair < PAIRS_MAX && start < length; pair++) {
    const mark = query.indexOf("&", start);
    const end = mark < 0 ? query.length : mark;
    // Cut in two it would be another value.
    if (end > CHARS_MAX) return undefined;
    const value = readPair(query.slice(start, end), name);
    if (value !== undefined) return value;
    start = end + 1;
  }
  return undefined;
}

function readPair(pair: string, name: string): string | undefined {
  if (!pair.startsWith(name)) return undefined;
  if (pair.length === name.length) return "";
  if (pair[name.length] !== "=") return undefined;
  const value = pair.slice(name.length + 1);
  if (!/[%+]/.test(value)) return value;
  return new URLSearchParams(`v=${value}`).get("v") ?? "";
}
