// The hits of a whole fleet, for `weir hits`: it exports and imports them while servers run, which learn of an
// import as they learn of the hits of other servers.

import { decodePath, encodePath, type ImportMode } from "../hits/export.ts";
import type { HitTotal } from "../hits/ledger.ts";
import { defineScript, type StoreAddress, StoreConnection } from "./connection.ts";
import {
  GAIN,
  HIT_SCRIPT_MS_MAX,
  hitKeys,
  MERGES_PER_SCRIPT_MAX,
  READS_PER_SCRIPT_MAX,
  type ScriptRunner,
  WHOLE_NUMBER,
} from "./hit-scripts.ts";

/** With so many characters of a digest no two different documents collide. */
const DIGEST_LENGTH = 32;

/**
 * Imports counts under an instance of their own. With MODE `add` that instance has counted so many; with
 * `least` as many as the total lacks. Answers with how many hits were added to the totals.
 * KEYS: counts totals changes version. ARGV: INSTANCE MODE, then PATH COUNT for each.
 */
const IMPORT = defineScript(`${WHOLE_NUMBER}${GAIN}
local version = tonumber(redis.call('GET', KEYS[4]) or '0')
local added = 0
for at = 3, #ARGV, 2 do
  local member = ARGV[1] .. ':' .. ARGV[at]
  local stored
  if ARGV[2] == 'add' then stored = redis.call('HGET', KEYS[1], member)
  else stored = redis.call('HGET', KEYS[2], ARGV[at]) end
  local gained = tonumber(ARGV[at + 1]) - tonumber(stored or '0')
  if gained > 0 then
    version = version + 1
    added = added + gained
    gain(KEYS[1], KEYS[2], KEYS[3], member, gained, version)
  end
end
redis.call('SET', KEYS[4], text(version))
return text(added)
`);

/** A part of the totals. KEYS: totals. ARGV: CURSOR COUNT. Answers NEXT, then PATH TOTAL for each. */
const READ_TOTALS = defineScript(`
local page = redis.call('HSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2])
local answer = {page[1]}
for at = 1, #page[2] do answer[#answer + 1] = page[2][at] end
return answer
`);

export interface FleetTotals {
  /** Every file's total. It may or may not include hits that are counted meanwhile. */
  read(): Promise<HitTotal[]>;
  /**
   * Imports a document under an instance of its own, so that a second import changes nothing, and completes one
   * that was interrupted. Returns how many hits were added to the totals.
   * @param digest names the document by its content
   */
  take(hits: readonly HitTotal[], mode: ImportMode, digest: string): Promise<number>;
  close(): void;
}

/** Rejects with a StoreError when the store cannot be reached, as each call does when it fails. */
export async function openFleetTotals(address: StoreAddress): Promise<FleetTotals> {
  const { promise: firstOutcome, resolve } = Promise.withResolvers<void>();
  const connection = await StoreConnection.open({
    address,
    scripts: [IMPORT, READ_TOTALS],
    onReady: resolve,
    onLost: () => resolve(),
  });
  await firstOutcome;
  if (!connection.isReady) {
    const error = connection.lastError;
    connection.close();
    throw error;
  }
  const { prefix } = address;
  return {
    read: () => readFleetTotals(connection, prefix),
    take: (hits, mode, digest) => importFleetTotals(connection, prefix, hits, mode, digest),
    close: () => connection.close(),
  };
}

async function readFleetTotals(scripts: ScriptRunner, prefix: string): Promise<HitTotal[]> {
  const { totals } = hitKeys(prefix);
  // A scan may return an entry twice.
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

async function importFleetTotals(
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
