/** One reply of Redis: a text, nothing, or Redis' own words for an error. */
export type Reply = { text: string } | { nothing: true } | { error: string };

/** A command as Redis reads it: an array of binary-safe strings (https://redis.io/docs/latest/develop/reference/protocol-spec/). */
export function encodeCommand(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}

/**
 * The replies that are whole, from the beginning of what has arrived. Knows the replies of AUTH, SELECT and
 * GET: simple and bulk strings, null and errors.
 * @throws Error when what arrives is not Redis' protocol.
 */
export function decodeReplies(bytes: Buffer): Reply[] {
  const replies: Reply[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf('\r\n', at);
    if (end === -1) break;
    const line = bytes.toString('utf8', at + 1, end);
    const kind = bytes.toString('latin1', at, at + 1);
    at = end + 2;
    if (kind === '+') replies.push({ text: line });
    else if (kind === '-') replies.push({ error: line });
    else if (kind === '$' && line === '-1') replies.push({ nothing: true });
    else if (kind === '$' && /^\d+$/.test(line)) {
      const length = Number(line);
      if (bytes.length < at + length + 2) break;
      replies.push({ text: bytes.toString('utf8', at, at + length) });
      at += length + 2;
    } else throw new Error('what answers at REDIS_URL is not Redis');
  }
  return replies;
}
