import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { type Actor, apiKeyForm, apiKeyPrefix } from '@cloudemy/auth';
import type { ApiKey, ApiKeyCreate, ApiKeyCreated } from '@cloudemy/contracts';
import { cutPage, decodeCursor, newId, objectId } from '@cloudemy/mongo';
import { type Logger, ProblemError, notFound } from '@cloudemy/service';
import type { Types } from 'mongoose';
import type { Users } from '../../users/users.js';
import type { ApiKeyModel, StoredApiKey } from './model.js';

export interface ApiKeyListQuery {
  limit: number;
  cursor?: string | undefined;
  user_id?: string | undefined;
}

const maxKeys = 50;
const dayMs = 86_400_000;
/** Milliseconds that what a key may is believed without another look, as with an access token. */
const rightMs = 300_000;
/** Milliseconds to within which the last use is noted. */
const usageMs = 60_000;

/** Keys for scripts: shown once, kept as a hash, good for what they were made for until they expire. */
export class ApiKeys {
  private readonly model: ApiKeyModel;
  private readonly users: Users;
  private readonly log: Logger;

  constructor(model: ApiKeyModel, users: Users, log: Logger) {
    this.model = model;
    this.users = users;
    this.log = log;
  }

  /** @throws ProblemError `conflict` for more keys than anybody needs */
  async create(
    userId: string,
    { name, scopes, expires_in_days: days }: Omit<ApiKeyCreate, 'password'>,
  ): Promise<ApiKeyCreated> {
    if ((await this.model.countDocuments({ user_id: objectId(userId) })) >= maxKeys) {
      throw new ProblemError('conflict', { detail: `You have ${maxKeys} API keys. Revoke one first.` });
    }
    const { id, createdAt } = newId();
    const apiKey = `${apiKeyPrefix}${id.toHexString()}_${randomBytes(32).toString('base64url')}`;
    const key: StoredApiKey = {
      _id: id,
      user_id: objectId(userId),
      name,
      scopes: [...new Set(scopes)],
      hash: hashOf(apiKey).toString('base64url'),
      created_at: createdAt,
      expires_at: new Date(createdAt.getTime() + days * dayMs),
      last_used_at: null,
    };
    await this.model.create(key);
    return { ...view(key), api_key: apiKey };
  }

  async list({ limit, cursor, ...filters }: ApiKeyListQuery) {
    const after = decodeCursor('api-keys', filters, cursor);
    const { user_id: user } = filters;
    const rows = await this.model
      .find({
        ...(user === undefined ? {} : { user_id: objectId(user) }),
        ...(after === undefined ? {} : { _id: { $lt: after } }),
      })
      .sort({ _id: -1 })
      .limit(limit + 1)
      .lean<StoredApiKey[]>();
    return cutPage(rows, limit, 'api-keys', filters, view);
  }

  /** @throws ProblemError `not_found` */
  async revoke(apiKeyId: string): Promise<void> {
    const { deletedCount } = await this.model.deleteOne({ _id: objectId(apiKeyId) });
    if (deletedCount === 0) throw notFound('API key', apiKeyId);
  }

  /** Revokes all keys of a user. */
  async revokeAll(userId: Types.ObjectId): Promise<void> {
    await this.model.deleteMany({ user_id: userId });
  }

  /** Whether a key is still good. */
  async stands(apiKeyId: string): Promise<boolean> {
    const found = await this.model.exists({ _id: objectId(apiKeyId), expires_at: { $gt: new Date() } });
    return found !== null;
  }

  /** Who holds a key and what for; undefined for a key that is not valid. */
  async check(apiKey: string): Promise<Actor | undefined> {
    const [, id] = apiKeyForm.exec(apiKey) ?? [];
    if (id === undefined) return undefined;
    const key = await this.model.findById(objectId(id)).lean<StoredApiKey>();
    if (key === null || key.expires_at.getTime() <= Date.now()) return undefined;
    if (!timingSafeEqual(hashOf(apiKey), Buffer.from(key.hash, 'base64url'))) return undefined;
    const user = await this.users.find(key.user_id);
    if (user === null || user.disabled === true) return undefined;
    this.noteUse(key);
    return {
      userId: String(key.user_id),
      roles: user.roles,
      keyScopes: key.scopes,
      apiKeyId: id,
      expiresAt: new Date(Math.min(key.expires_at.getTime(), Date.now() + rightMs)),
    };
  }

  /** Nobody waits for it. */
  private noteUse({ _id, last_used_at: last }: StoredApiKey): void {
    const now = new Date();
    if (last !== null && now.getTime() - last.getTime() < usageMs) return;
    this.model.updateOne({ _id }, { $set: { last_used_at: now } }).catch((error: unknown) => {
      this.log.warn({ err: error }, 'the use of an API key could not be noted');
    });
  }
}

/** 256 random bits need no slow hash. */
const hashOf = (apiKey: string): Buffer => createHash('sha256').update(apiKey).digest();

function view(key: StoredApiKey): ApiKey {
  return {
    api_key_id: String(key._id),
    user_id: String(key.user_id),
    name: key.name,
    scopes: key.scopes,
    created_at: key.created_at.toISOString(),
    expires_at: key.expires_at.toISOString(),
    last_used_at: key.last_used_at?.toISOString() ?? null,
  };
}
