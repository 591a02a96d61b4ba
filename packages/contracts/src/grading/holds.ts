import { z } from 'zod';
import { Timestamp } from '../primitives.js';
import { maxMessage } from './failure.js';

/** Why nothing is taken off the queue at the moment, as told to whoever waits. */
export const Hold = z
  .object({
    code: z.string().min(1).max(100),
    message: z.string().min(1).max(maxMessage),
    since: Timestamp,
  })
  .meta({ id: 'Hold' });
export type Hold = z.output<typeof Hold>;

/** A hash in Redis: each scheduler's id, and what it said last and when, by the clock of Redis. */
export const schedulersKey = 'cloudemy:schedulers';

/** Milliseconds between two announcements of a scheduler, and after which its last one is no longer valid. */
export const announceEveryMs = 3_000;
export const announcedForMs = 12_000;

/**
 * Lua, for a scheduler: says that it is there, and why it takes nothing.
 *
 * - KEYS: `schedulersKey`
 * - ARGV: its id, `announcedForMs`, its `Hold` as JSON or nothing
 */
export const announceScript = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local known = redis.call('HGETALL', KEYS[1])
for i = 1, #known, 2 do
  local at = tonumber(string.match(known[i + 1], '^%d+') or '0')
  if at + tonumber(ARGV[2]) < now then redis.call('HDEL', KEYS[1], known[i]) end
end
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', now) .. ' ' .. ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
`;

/**
 * Lua, for the backend: what the schedulers that are there said last.
 *
 * - KEYS: `schedulersKey`
 * - ARGV: `announcedForMs`
 * - returns a `Hold` as JSON, or an empty text, of each
 */
export const announcedScript = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local holds = {}
for _, said in ipairs(redis.call('HVALS', KEYS[1])) do
  local at, hold = string.match(said, '^(%d+) (.*)$')
  if at and tonumber(at) + tonumber(ARGV[1]) >= now then holds[#holds + 1] = hold end
end
return holds
`;
