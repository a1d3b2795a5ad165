// The exact sliding window of limit/sliding-window.ts as a script of the store: the same ring of cells,
// the same numbers in its answer, in one round trip and on the store's own clock. One string a client:
// the cell in use, the admissions in it, and each cell's latest time in microseconds. Pure text.

import { defineScript } from "./store-connection.ts";

/**
 * KEYS the clients' windows. ARGV: admissions in a window; its length in microseconds; cells; the time in
 * microseconds, for tests, or nothing for the store's; and for each key how many admissions are asked
 * for, 1 and up. Answers for each key how many are admitted, how many are left after them, and the
 * microseconds until one leaves. Many in one call, because a call costs both ends more than a window.
 *
 * The store's clock may be set back. By less than a window: the latest time stays until the clock
 * has come up to it, as in sliding-window.ts. By more: all times move with it, so that they keep their
 * distances and no client waits longer than two windows.
 *
 * A key lives exactly as long as something is in its window. A refusal writes nothing: a spammer
 * costs no write, and a full store still refuses.
 */
export const LIMIT_SCRIPT = defineScript(`
local count, window, cells = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local now, keepMs
if ARGV[4] ~= '' then
  now, keepMs = tonumber(ARGV[4]), 3600000
else
  local time = redis.call('TIME')
  now, keepMs = time[1] * 1000000 + time[2], 0
end
local function grants(index)
  local each = math.floor(count / cells)
  if index <= count % cells then return each + 1 end
  return each
end
local function admit(key, wanted)
  local known = redis.call('GET', key)
  local cell, used, times = 1, 0, {}
  if known then cell, used, times = unpack(cmsgpack.unpack(known)) end
  local latest = times[cell]
  if latest and latest - now > window then
    local back = latest - now
    for index = 1, #times do times[index] = times[index] - back end
    latest = now
  end
  local at = now
  if latest and latest > at then at = latest end
  local freeBefore = at - window
  if used > 0 and latest <= freeBefore then used = 0 end
  local admitted = 0
  while admitted < wanted do
    local room = grants(cell) - used
    if room <= 0 then
      local oldest = cell % cells + 1
      if times[oldest] and times[oldest] > freeBefore then break end
      cell, used, room = oldest, 0, grants(oldest)
    end
    local taken = math.min(room, wanted - admitted)
    used, admitted = used + taken, admitted + taken
    times[cell] = at
  end
  local spent, oldestBusy = used, cell
  for back = 1, cells - 1 do
    local index = (cell - back - 1) % cells + 1
    if not times[index] or times[index] <= freeBefore then break end
    spent, oldestBusy = spent + grants(index), index
  end
  if admitted > 0 then
    local lifeMs = math.ceil((at - now + window) / 1000) + keepMs
    redis.call('SET', key, cmsgpack.pack({cell, used, times}), 'PX', lifeMs)
  end
  local wait = math.max(0, math.min(window, times[oldestBusy] + window - at))
  return {admitted, count - spent, wait}
end
local answers = {}
for index = 1, #KEYS do answers[index] = admit(KEYS[index], tonumber(ARGV[4 + index])) end
return answers
`);

/** The answer of the script for one key. */
export interface WindowAnswer {
  readonly admitted: number;
  /** Admissions left after those. */
  readonly remaining: number;
  /** Until an admission leaves the window. */
  readonly waitMs: number;
}

/** In the order of the keys. */
export function readWindowAnswers(reply: unknown): WindowAnswer[] {
  return (reply as [number, number, number][]).map(([admitted, remaining, waitUs]) => ({
    admitted,
    remaining,
    waitMs: waitUs / 1000,
  }));
}
