// The hits in the store as a whole, read and taken in by `weir hits`. It works beside running servers:
// they learn what was imported as they learn what other servers have counted.

import type { HitTotal, ImportMode } from "../hits/hit-store.ts";
import { decodePath, encodePath } from "../hits/path-text.ts";
import {
  HIT_SCRIPT_MS_MAX,
  hitKeys,
  IMPORT,
  MERGES_PER_SCRIPT_MAX,
  READ_TOTALS,
  READS_PER_SCRIPT_MAX,
  type ScriptRunner,
} from "./hit-scripts.ts";

/** As many characters of a digest as make two different documents never meet. */
const DIGEST_LENGTH = 32;

/** Every file's total. What is counted meanwhile may or may not be in it. */
export async function readStoredHits(scripts: ScriptRunner, prefix: string): Promise<HitTotal[]> {
  const { totals } = hitKeys(prefix);
  // A scan may tell an entry twice.
  const totalByPath = new Map<string, number>();
  let cursor = "0";
  do {
    const args = [cursor, READS_PER_SCRIPT_MAX];
    const reply = await scripts.run(READ_TOTALS, [totals], args, HIT_SCRIPT_MS_MAX);
    const [next, ...entries] = reply as string[];
    for (let at = 0; at < entries.length; at += 2) {
      totalByPath.set(decodePath(entries[at]!), Number(entries[at + 1]));
    }
    cursor = next!;
  } while (cursor !== "0");
  return [...totalByPath].map(([path, total]) => ({ path, total }));
}

/**
 * Takes a document in under a name of its own, so that a second time it changes nothing, and one that was
 * interrupted is completed. Returns how many hits came to the totals.
 * @param digest names the document by its content
 */
export async function importStoredHits(
  scripts: ScriptRunner,
  prefix: string,
  hits: readonly HitTotal[],
  mode: ImportMode,
  digest: string,
): Promise<number> {
  const { counts, totals, changes, version } = hitKeys(prefix);
  const instance = `${mode}-${digest.slice(0, DIGEST_LENGTH)}`;
  let added = 0;
  for (let from = 0; from < hits.length; from += MERGES_PER_SCRIPT_MAX) {
    const batch = hits.slice(from, from + MERGES_PER_SCRIPT_MAX);
    const entries = batch.flatMap(({ path, total }) => [encodePath(path), total]);
    const keys = [counts, totals, changes, version];
    const args = [instance, mode, ...entries];
    added += Number(await scripts.run(IMPORT, keys, args, HIT_SCRIPT_MS_MAX));
  }
  return added;
}
