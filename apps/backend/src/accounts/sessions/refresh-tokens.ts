import { createHmac, timingSafeEqual } from 'node:crypto';
import { deriveKey } from '../signing/secret-box.js';

/** Which exchange of which session a refresh token is for. */
export interface RefreshGrant {
  sessionId: string;
  /** Grows by one with every exchange. */
  generation: number;
}

const prefix = 'cloudemyr';
const form = new RegExp(`^${prefix}\\.([\\w-]{22})\\.(\\d{1,9})\\.([\\w-]{43})$`);

/**
 * Refresh tokens: session, generation and a signature of both, so that nothing worth stealing has to be kept, and
 * a token that was used up long ago is still known for what it is.
 */
export class RefreshTokens {
  private readonly keys: readonly [Buffer, ...Buffer[]];

  /** @param previous still taken while the secret is being rotated */
  constructor(secret: string, previous: string | undefined) {
    const keyOf = (one: string): Buffer => deriveKey(one, 'refresh tokens');
    this.keys = previous === undefined ? [keyOf(secret)] : [keyOf(secret), keyOf(previous)];
  }

  make(grant: RefreshGrant): string {
    return `${prefix}.${textOf(grant)}.${sign(this.keys[0], grant).toString('base64url')}`;
  }

  /** Undefined for what was never made here. */
  read(token: string): RefreshGrant | undefined {
    const [, sessionId, generation, signature] = form.exec(token) ?? [];
    if (sessionId === undefined || generation === undefined || signature === undefined) return undefined;
    const grant = { sessionId, generation: Number(generation) };
    const given = Buffer.from(signature, 'base64url');
    return this.keys.some((key) => timingSafeEqual(sign(key, grant), given)) ? grant : undefined;
  }
}

const textOf = ({ sessionId, generation }: RefreshGrant): string => `${sessionId}.${generation}`;

const sign = (key: Buffer, grant: RefreshGrant): Buffer =>
  createHmac('sha256', key).update(textOf(grant)).digest();
