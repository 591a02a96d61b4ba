/** A hash: `code`, `since`, `failures`, `next` (when another attempt may be let through) and `probe` (the one that was). */
export const holdKey = 'cloudemy:hold';

const now = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function ms(value) return string.format('%.0f', value) end
`;

/**
 * Lua: an attempt failed as every one would. The first begins the hold; the failure of the one that was let through makes
 * the next wait longer; others that were under way say nothing new.
 *
 * - ARGV: the attempt, the failure's code, milliseconds of the first and the longest pause, and to live
 * - returns 1 when the hold begins
 */
export const failedScript = `${now}
local begins = redis.call('EXISTS', KEYS[1]) == 0
if begins then redis.call('HSET', KEYS[1], 'since', ms(now), 'failures', 0) end
if begins or redis.call('HGET', KEYS[1], 'probe') == ARGV[1] then
  local failures = redis.call('HINCRBY', KEYS[1], 'failures', 1)
  local pause = math.min(tonumber(ARGV[4]), tonumber(ARGV[3]) * 2 ^ (failures - 1))
  redis.call('HSET', KEYS[1], 'code', ARGV[2], 'next', ms(now + pause))
  redis.call('HDEL', KEYS[1], 'probe')
  redis.call('PEXPIRE', KEYS[1], ARGV[5])
end
return begins and 1 or 0
`;

/**
 * Lua: lets one of these attempts through if it is time.
 *
 * - ARGV: milliseconds after which another may follow when nothing is heard of it; then the attempts
 * - returns nothing without a hold; else its code, the milliseconds until another may follow, the attempt let through
 */
export const admitScript = `${now}
local hold = redis.call('HMGET', KEYS[1], 'code', 'next', 'probe')
if not hold[1] then return {} end
local next = tonumber(hold[2] or '0')
local probe = ''
for i = 2, #ARGV do
  if hold[3] == ARGV[i] then probe = ARGV[i] end
end
if probe == '' and now >= next and ARGV[2] then
  probe = ARGV[2]
  next = now + tonumber(ARGV[1])
  redis.call('HSET', KEYS[1], 'probe', probe, 'next', ms(next))
end
return { hold[1], ms(math.max(0, next - now)), probe }
`;

/** Lua: the attempt ended in a way that says nothing of the hold; if it was the one let through, another may be. */
export const endedScript = `${now}
if redis.call('HGET', KEYS[1], 'probe') == ARGV[1] then
  redis.call('HDEL', KEYS[1], 'probe')
  redis.call('HSET', KEYS[1], 'next', ms(now))
end
return 0
`;
