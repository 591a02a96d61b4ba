import { createHmac, randomBytes } from 'node:crypto';

const prefix = 'whsec_';

/** A new secret as Standard Webhooks writes it: 32 random bytes. */
export const newSecret = (): string => prefix + randomBytes(32).toString('base64');

/**
 * The headers that a receiver verifies (https://github.com/standard-webhooks/standard-webhooks, "Signature scheme").
 *
 * @param secrets while one is being rotated also the one before: the receiver takes either signature
 */
export function signedHeaders(secrets: readonly string[], messageId: string, at: Date, body: string) {
  const seconds = Math.floor(at.getTime() / 1_000);
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(prefix.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${messageId}.${seconds}.${body}`).digest('base64')}`;
  });
  return {
    'webhook-id': messageId,
    'webhook-timestamp': String(seconds),
    'webhook-signature': signatures.join(' '),
  };
}
