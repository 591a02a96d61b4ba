import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { ReceiptFile } from '@cloudemy/contracts';
import { calculateJwkThumbprint } from 'jose';

export type PublicKey = ReceiptFile['key'];

export interface ReceiptKey {
  privateKey: KeyObject;
  publicKey: PublicKey;
}

/** An Ed25519 private key of this seed, as PKCS #8 (RFC 8410). */
const pkcs8 = (seed: Buffer): Buffer =>
  Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);

/** The key that follows from a secret: every replica has the same, and it can be made again from the Secret alone. */
export async function receiptKey(secret: string): Promise<ReceiptKey> {
  const seed = Buffer.from(hkdfSync('sha256', secret, '', 'cloudemy receipt key', 32));
  const privateKey = createPrivateKey({ key: pkcs8(seed), format: 'der', type: 'pkcs8' });
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  return { privateKey, publicKey: await publicKeyOf(x) };
}

/** A public key with the name that follows from it. */
export async function publicKeyOf(x: string): Promise<PublicKey> {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x };
  return { ...jwk, alg: 'EdDSA', use: 'sig', kid: await calculateJwkThumbprint(jwk) };
}
