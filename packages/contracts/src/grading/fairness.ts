/**
 * The order of the queue: self-clocked fair queueing (S. J. Golestani, INFOCOM 1994). Every attempt gets a tag
 * when it is published, `max(virtual time, last tag of its flow) + cost`, and the smallest tag goes first. The
 * virtual time is the largest tag taken off the queue. So whoever has much waiting waits behind his own work
 * only, and a newcomer begins where the queue is now.
 *
 * The tag travels as BullMQ's priority. All of it lives in Redis: losing it costs the order, nothing else.
 */
export const fairKeys = {
  virtualTime: 'cloudemy:fair:virtual-time',
  /** A hash of each flow's last tag. */
  tags: 'cloudemy:fair:tags',
} as const;

/** The largest priority BullMQ takes (`PRIORITY_LIMIT` of its Job class). */
export const maxTag = 2 ** 21 - 1;

/** Seconds without any publishing after which the state is forgotten. */
export const fairStateTtlSeconds = 7 * 86_400;

/** What shares the queue's capacity evenly with the others, and how much of it one attempt takes. */
export interface Flow {
  readonly name: string;
  readonly cost: number;
}

/** Each user is one flow. */
export const userFlow = (userId: string): Flow => ({ name: `user:${userId}`, cost: 1 });

/** A bulk regrade is in the slower lane: while others wait, it gets a sixteenth of what one user gets. */
export const regradeFlow = (regradeId: string): Flow => ({ name: `regrade:${regradeId}`, cost: 16 });

/**
 * Lua, for whoever publishes. An empty queue begins again at zero, so tags do not run out; should they ever,
 * all get the largest one, among which BullMQ keeps the order of arrival.
 *
 * - KEYS: virtual time, tags, and of the queue the list `wait` and the sets `prioritized` and `delayed`
 * - ARGV: `maxTag`, `fairStateTtlSeconds`, then name and cost of one flow after the other
 * - returns one tag per flow given
 */
export const assignTagsScript = `
local most = tonumber(ARGV[1])
if redis.call('LLEN', KEYS[3]) + redis.call('ZCARD', KEYS[4]) + redis.call('ZCARD', KEYS[5]) == 0 then
  redis.call('DEL', KEYS[1], KEYS[2])
end
local now = tonumber(redis.call('GET', KEYS[1]) or '0')
local tags = {}
for i = 3, #ARGV, 2 do
  local last = tonumber(redis.call('HGET', KEYS[2], ARGV[i]) or '0')
  local tag = math.min(math.max(now, last) + tonumber(ARGV[i + 1]), most)
  redis.call('HSET', KEYS[2], ARGV[i], tag)
  tags[#tags + 1] = tag
end
redis.call('EXPIRE', KEYS[2], ARGV[2])
return tags
`;

/**
 * Lua, for whoever takes a message off the queue.
 *
 * - KEYS: virtual time
 * - ARGV: the priority of the message, `fairStateTtlSeconds`
 * - returns the virtual time
 */
export const raiseVirtualTimeScript = `
local now = tonumber(redis.call('GET', KEYS[1]) or '0')
local tag = tonumber(ARGV[1])
if tag > now then
  redis.call('SET', KEYS[1], tag, 'EX', ARGV[2])
  return tag
end
return now
`;
