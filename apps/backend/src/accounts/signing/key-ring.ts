import { Jwks } from '@cloudemy/contracts';
import { isDuplicateKey } from '@cloudemy/mongo';
import {
  type CryptoKey,
  type JWTVerifyGetKey,
  calculateJwkThumbprint,
  createLocalJWKSet,
  errors,
  exportJWK,
  generateKeyPair,
  importJWK,
} from 'jose';
import type { SigningKeyModel, StoredSigningKey } from './model.js';
import type { SecretBox } from './secret-box.js';

export const signingAlgorithm = 'ES256';

export interface KeyRingOptions {
  /** Milliseconds that a key signs. */
  rotationMs: number;
  /** Milliseconds that what it has signed may be good for afterwards. */
  keepMs: number;
  /** The clock; the machine's when left out. */
  now?: () => number;
}

interface SigningKey {
  kid: string;
  key: CryptoKey | Uint8Array;
}

/** Milliseconds that the list of public keys is believed, and between two looks for one that is not in it. */
const believedMs = 5_000;
const cooldownMs = 500;

/**
 * The keys that sign access tokens, in MongoDB for all replicas. Time is cut into periods with a key each: which
 * one signs follows from the clock, so replicas agree without talking. The key of the next period is published a
 * whole period ahead, and that of the last one for as long as its tokens may be good.
 */
export class KeyRing {
  private signing: { period: number; key: Promise<SigningKey> } | undefined;
  private known: { at: number; jwks: Promise<Jwks> } | undefined;

  private readonly model: SigningKeyModel;
  private readonly box: SecretBox;
  private readonly options: KeyRingOptions;

  constructor(model: SigningKeyModel, box: SecretBox, options: KeyRingOptions) {
    this.model = model;
    this.box = box;
    this.options = options;
  }

  /** The key that signs now. */
  async current(): Promise<SigningKey> {
    const { rotationMs, now = Date.now } = this.options;
    const period = Math.floor(now() / rotationMs);
    if (this.signing?.period !== period) {
      const key = this.prepare(period);
      this.signing = { period, key };
      // What failed is tried again by the next request.
      key.catch(() => {
        if (this.signing?.key === key) this.signing = undefined;
      });
    }
    return this.signing.key;
  }

  /** The public keys, the next one among them. */
  async publicKeys(): Promise<Jwks> {
    await this.current();
    return this.load(believedMs);
  }

  /** For checking tokens: a key that another replica has just made is found too. */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    try {
      return await createLocalJWKSet(await this.load(believedMs))(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      return createLocalJWKSet(await this.load(cooldownMs))(header, token);
    }
  };

  private async prepare(period: number): Promise<SigningKey> {
    const [now] = await Promise.all([this.ensure(period), this.ensure(period + 1)]);
    const jwk: unknown = JSON.parse(this.box.open(now.sealed, now._id));
    return { kid: now.public_key.kid, key: await importJWK(Object(jwk), signingAlgorithm) };
  }

  /** The key of a period, made if it is not there. */
  private async ensure(period: number): Promise<StoredSigningKey> {
    const { rotationMs, keepMs } = this.options;
    const id = `${rotationMs}.${period}.${this.box.id}`;
    const found = await this.model.findById(id).lean<StoredSigningKey>();
    if (found !== null) return found;
    const made = await makeKey(id, this.box, new Date((period + 1) * rotationMs + keepMs));
    try {
      await this.model.insertMany([made], { lean: true });
      return made;
    } catch (error) {
      const first = isDuplicateKey(error) ? await this.model.findById(id).lean<StoredSigningKey>() : null;
      if (first === null) throw error;
      return first;
    }
  }

  private load(believed: number): Promise<Jwks> {
    if (this.known === undefined || Date.now() - this.known.at > believed) {
      const jwks = this.read();
      this.known = { at: Date.now(), jwks };
      jwks.catch(() => {
        if (this.known?.jwks === jwks) this.known = undefined;
      });
    }
    return this.known.jwks;
  }

  private async read(): Promise<Jwks> {
    const rows = await this.model
      .find({ expires_at: { $gt: new Date() } }, { public_key: 1 })
      .lean<Pick<StoredSigningKey, 'public_key'>[]>();
    return { keys: rows.map(({ public_key: key }) => key) };
  }
}

async function makeKey(id: string, box: SecretBox, expiresAt: Date): Promise<StoredSigningKey> {
  const pair = await generateKeyPair(signingAlgorithm, { extractable: true });
  const publicKey = await exportJWK(pair.publicKey);
  const kid = await calculateJwkThumbprint(publicKey);
  const [key] = Jwks.parse({ keys: [{ ...publicKey, kid, alg: signingAlgorithm, use: 'sig' }] }).keys;
  if (key === undefined) throw new Error('a key was made that cannot be published');
  return {
    _id: id,
    public_key: key,
    sealed: box.seal(JSON.stringify(await exportJWK(pair.privateKey)), id),
    created_at: new Date(),
    expires_at: expiresAt,
  };
}
