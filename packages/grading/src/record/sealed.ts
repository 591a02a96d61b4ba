import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** Whose record it is: one attempt of one submission, and of no other. */
export interface RecordOwner {
  submissionId: string;
  attempt: number;
}

/** Says how it is sealed; a record without it is from before records were sealed. */
const version = 'v1.';
const cipher = 'aes-256-gcm';
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/** What is authenticated with the record, and what the key is derived for. */
const nameOf = ({ submissionId, attempt }: RecordOwner): string =>
  `cloudemy runner record ${submissionId} ${attempt}`;

/**
 * The key of one attempt's record (HKDF, RFC 5869). Whoever has it can derive neither the secret nor another
 * attempt's key.
 *
 * @param secret the backend's, which leaves it never
 * @returns in base64url, as it travels in a Job's environment
 */
export function recordKeyOf(secret: string, owner: RecordOwner): string {
  return Buffer.from(hkdfSync('sha256', secret, '', nameOf(owner), keyBytes)).toString('base64url');
}

/** Encrypts and authenticates a record for one attempt: what Redis holds tells nothing and takes no change. */
export function sealRecord(text: string, key: string, owner: RecordOwner): string {
  const nonce = randomBytes(nonceBytes);
  const sealing = createCipheriv(cipher, Buffer.from(key, 'base64url'), nonce);
  sealing.setAAD(Buffer.from(nameOf(owner)));
  const sealed = Buffer.concat([nonce, sealing.update(text, 'utf8'), sealing.final(), sealing.getAuthTag()]);
  return version + sealed.toString('base64url');
}

/** What was sealed; undefined for anything else: changed, cut, another's, an older attempt's, never sealed. */
export function openRecord(sealed: string, key: string, owner: RecordOwner): string | undefined {
  if (!sealed.startsWith(version)) return undefined;
  const bytes = Buffer.from(sealed.slice(version.length), 'base64url');
  if (bytes.length < nonceBytes + tagBytes) return undefined;
  try {
    const opening = createDecipheriv(cipher, Buffer.from(key, 'base64url'), bytes.subarray(0, nonceBytes), {
      authTagLength: tagBytes,
    });
    opening.setAAD(Buffer.from(nameOf(owner)));
    opening.setAuthTag(bytes.subarray(-tagBytes));
    const text = opening.update(bytes.subarray(nonceBytes, -tagBytes));
    return Buffer.concat([text, opening.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
