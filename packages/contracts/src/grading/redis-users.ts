/** Who signs in to Redis, besides a probe. */
export const redisUserNames = ['services', 'deployer', 'runner'] as const;

export type RedisUserName = (typeof redisUserNames)[number];

/**
 * What each may do, in the words of Redis (its documentation calls them access control lists). A runner holds what a
 * student wrote: it reads what is to be graded, by its name. The deployer counts requests.
 */
const rights: Readonly<Record<RedisUserName, string>> = {
  services: '~* &* +@all -@admin -@dangerous +info +role',
  deployer: '~limit:deployer* resetchannels +@all -@admin -@dangerous -@pubsub +info +role',
  runner: '%R~submission:* resetchannels -@all +get',
};

/**
 * The users of Redis as it reads them from its `aclfile`. Who names no user may do nothing; a probe may ask whether it
 * answers.
 *
 * @param digests SHA-256 in hexadecimal of each password that is taken, by user
 */
export function redisUserFile(digests: Readonly<Record<RedisUserName, readonly string[]>>): string {
  const lines = redisUserNames.map((user) => {
    return `user ${user} reset on ${digests[user].map((digest) => `#${digest}`).join(' ')} ${rights[user]}`;
  });
  return [...lines, 'user probe reset on nopass -@all +ping', 'user default reset off', ''].join('\n');
}
