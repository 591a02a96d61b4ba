import { createHash, createHmac } from 'node:crypto';
import type { ReceiptPart } from '@cloudemy/contracts';
import { canonical } from './canonical.js';

/** A part as it is disclosed. */
export interface Part {
  salt: string;
  value: unknown;
}

/** The salt of a part: without it nobody can guess a short value from its hash. Erasing the secret erases them all. */
export const saltOf = (secret: string, part: ReceiptPart): string =>
  createHmac('sha256', secret).update(part).digest('base64url');

export const digestOf = ({ salt, value }: Part): string =>
  createHash('sha256')
    .update(canonical([salt, value]))
    .digest('base64url');
