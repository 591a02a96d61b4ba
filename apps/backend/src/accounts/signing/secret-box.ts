import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const cipher = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

/** A key of its own for each purpose, so that no use of a secret tells anything about another (RFC 5869). */
export const deriveKey = (secret: string, purpose: string, bytes = 32): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, '', `cloudemy ${purpose}`, bytes));

/** Seals texts that are kept in the database. */
export class SecretBox {
  /** Tells secrets apart and nothing about them. */
  readonly id: string;
  private readonly key: Buffer;

  constructor(secret: string) {
    this.id = deriveKey(secret, 'secret box id', 6).toString('hex');
    this.key = deriveKey(secret, 'secret box');
  }

  /** @param context what the text belongs to: sealed, it opens nowhere else */
  seal(text: string, context: string): string {
    const iv = randomBytes(ivBytes);
    const sealing = createCipheriv(cipher, this.key, iv).setAAD(Buffer.from(context));
    const sealed = Buffer.concat([iv, sealing.update(text, 'utf8'), sealing.final(), sealing.getAuthTag()]);
    return sealed.toString('base64url');
  }

  /** @throws Error when it was sealed with another secret, for something else, or changed since */
  open(sealed: string, context: string): string {
    const bytes = Buffer.from(sealed, 'base64url');
    const opening = createDecipheriv(cipher, this.key, bytes.subarray(0, ivBytes))
      .setAAD(Buffer.from(context))
      .setAuthTag(bytes.subarray(-tagBytes));
    return Buffer.concat([opening.update(bytes.subarray(ivBytes, -tagBytes)), opening.final()]).toString(
      'utf8',
    );
  }
}
