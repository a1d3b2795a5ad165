// The order of rows whose ranks change every second, chosen so that a person can follow one of them. Pure:
// keys in, keys out. Called by keyed-rows.ts.

/** Neighbours in activity swap their ranks all the time, which means nothing. */
const DRIFT_PLACES = 2;

export interface OrderRule {
  /** A row stays where it is while its rank is at most this many places away; 0 sorts by rank. */
  readonly driftPlaces: number;
  /** Someone is reading or pointing at the rows, so none moves, and new ones come last. */
  readonly isHeld: boolean;
}

/** For rows whose order only helps to find the busy ones. */
export const LOOSE_ORDER_PLACES = DRIFT_PLACES;

/**
 * The keys of `ranked`, each once. `shown` is the order until now; a key that is no longer in `ranked` is
 * removed. `ranked` is in the order of ranks.
 */
export function orderRows(
  shown: readonly string[],
  ranked: readonly string[],
  rule: OrderRule,
): string[] {
  const keys = [...new Set(ranked)];
  const rankOf = new Map(keys.map((key, rank) => [key, rank]));
  const staying = shown.filter((key) => rankOf.has(key));
  const placeOf = new Map(staying.map((key, place) => [key, place]));
  const wanted = (key: string): number => {
    const place = placeOf.get(key);
    const rank = rankOf.get(key)!;
    if (rule.isHeld) return place ?? keys.length + rank;
    if (place === undefined) return rank;
    return Math.abs(rank - place) <= rule.driftPlaces ? place : rank;
  };
  return keys
    .map((key) => ({ key, wanted: wanted(key), rank: rankOf.get(key)! }))
    .sort((a, b) => a.wanted - b.wanted || a.rank - b.rank)
    .map(({ key }) => key);
}
