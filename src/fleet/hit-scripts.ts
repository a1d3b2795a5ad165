// The hits of a fleet in its store: their keys, and the scripts that bring one server and the store together
// (hit-sync.ts; the scripts of `weir hits` are in totals.ts). A script is atomic, so no client ever sees half
// of one. Each script touches a bounded number of entries, because the store answers no other client
// meanwhile.
//
//   PREFIX hits:counts     hash: INSTANCE:PATH → how many hits that instance has counted of that file, in
//                          all its life. Such a number only grows, so it does not matter if one is merged
//                          twice, late or out of order (a G-counter: Shapiro et al., 2011, §3.1.1)
//   PREFIX hits:totals     hash: PATH → the sum over all instances
//   PREFIX hits:changes    sorted set: INSTANCE:PATH by the version of its latest change
//   PREFIX hits:version    the latest version; each change has its own
//   PREFIX hits:instances  hash: INSTANCE → NONCE NOTED WHOLE, see `SYNC`
//
// Paths are percent-encoded (hits/export.ts), so that other programs can read them easily.

import { defineScript, type StoreConnection, type StoreScript } from "./connection.ts";

/** The part of a connection to the store that runs scripts. */
export type ScriptRunner = Pick<StoreConnection, "run">;

/** Longer than for the limit: no request waits for these scripts, and a store that loads its data is slow. */
export const HIT_SCRIPT_MS_MAX = 2000;

/**
 * The most that one script merges and reads. Measured, 250 merges take 6 ms of the store's time and 1000
 * reads take 3 ms. A question about the limit waits for that time, of its 50 ms.
 */
export const MERGES_PER_SCRIPT_MAX = 250;
export const READS_PER_SCRIPT_MAX = 1000;

export interface HitKeys {
  readonly counts: string;
  readonly totals: string;
  readonly changes: string;
  readonly version: string;
  readonly instances: string;
}

/** @param prefix such as `weir:`. Each site has its own, so that several sites can share a store. */
export function hitKeys(prefix: string): HitKeys {
  const key = (name: string) => `${prefix}hits:${name}`;
  return {
    counts: key("counts"),
    totals: key("totals"),
    changes: key("changes"),
    version: key("version"),
    instances: key("instances"),
  };
}

/** By default Lua writes only 14 digits of a number. */
export const WHOLE_NUMBER = `
local function text(number) return string.format('%.0f', number) end
`;

/** Adds `gained` hits to the count of an instance, as the next version. */
export const GAIN = `
local function gain(counts, totals, changes, member, gained, version)
  local path = string.sub(member, string.find(member, ':', 1, true) + 1)
  redis.call('HINCRBY', counts, member, text(gained))
  redis.call('HINCRBY', totals, path, text(gained))
  redis.call('ZADD', changes, text(version), member)
end
`;

/**
 * Takes over an instance: from here on only calls with this nonce count. It counts as a call itself and
 * answers with its number. When the store has noted fewer calls of the instance than NEEDED, it answers -1
 * and changes nothing. KEYS: instances. ARGV: INSTANCE NONCE NEEDED.
 */
export const ENTER = defineScript(`${WHOLE_NUMBER}
local record = redis.call('HGET', KEYS[1], ARGV[1])
local noted, whole = '0', '1'
if record then noted, whole = string.match(record, '^%S+ (%d+) ([01])$') end
if tonumber(noted) < tonumber(ARGV[3]) or whole ~= '1' then return -1 end
noted = tonumber(noted) + 1
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. text(noted) .. ' 1')
return noted
`);

/**
 * Merges counts and reads the changes since a version. Each call of an instance has a number that is larger
 * than all before. The store notes it together with what the call merges and reads. A store that has lost its
 * latest changes, because it was restarted empty or from an older copy, has noted less than it has confirmed
 * to the instance. Then the answer is `behind`, and nothing is done. WHOLE is 0 while an instance fills such a
 * store again. If the store has another nonce, either it was set back to less than OWN and the nonce belongs
 * to an earlier start, or another process has taken the name since.
 * KEYS: instances counts totals changes version.
 * ARGV: INSTANCE NONCE NUMBER CONFIRMED OWN WHOLE SINCE LIMIT, then MEMBER COUNT for each count to merge.
 * Answers `behind`; or `ok` NOTED LAST, then MEMBER COUNT for each change up to version LAST; or `taken`
 * NOTED SINCE, then for each count to merge MEMBER and the COUNT in the store.
 */
export const SYNC = defineScript(`${WHOLE_NUMBER}${GAIN}
local record = redis.call('HGET', KEYS[1], ARGV[1])
local nonce, noted, whole = ARGV[2], '0', ''
if record then nonce, noted, whole = string.match(record, '^(%S+) (%d+) ([01])$') end
if nonce ~= ARGV[2] and tonumber(noted) >= tonumber(ARGV[5]) then
  local answer = {'taken', noted, ARGV[7]}
  for at = 9, #ARGV, 2 do
    answer[#answer + 1] = ARGV[at]
    answer[#answer + 1] = redis.call('HGET', KEYS[2], ARGV[at]) or '0'
  end
  return answer
end
if tonumber(noted) < tonumber(ARGV[4]) then return {'behind'} end
if #ARGV > 8 then
  local version = tonumber(redis.call('GET', KEYS[5]) or '0')
  for at = 9, #ARGV, 2 do
    local stored = tonumber(redis.call('HGET', KEYS[2], ARGV[at]) or '0')
    local gained = tonumber(ARGV[at + 1]) - stored
    if gained > 0 then
      version = version + 1
      gain(KEYS[2], KEYS[3], KEYS[4], ARGV[at], gained, version)
    end
  end
  redis.call('SET', KEYS[5], text(version))
end
local page = redis.call('ZRANGEBYSCORE', KEYS[4], '(' .. ARGV[7], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[8])
if (#ARGV > 8 or #page > 0 or whole ~= ARGV[6]) and tonumber(ARGV[3]) > tonumber(noted) then
  noted = ARGV[3]
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. noted .. ' ' .. ARGV[6])
end
local answer = {'ok', noted, ARGV[7]}
local members = {}
for at = 1, #page, 2 do members[#members + 1] = page[at] end
if #members > 0 then
  answer[3] = page[#page]
  local counts = redis.call('HMGET', KEYS[2], unpack(members))
  for at = 1, #members do
    answer[#answer + 1] = members[at]
    answer[#answer + 1] = counts[at] or '0'
  end
end
return answer
`);

/** The scripts that the connection of a server loads. */
export const SYNC_SCRIPTS: readonly StoreScript[] = [ENTER, SYNC];
