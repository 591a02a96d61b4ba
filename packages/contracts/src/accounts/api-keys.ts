import { z } from 'zod';
import { KeyScope } from '../access/rule.js';
import { GivenPassword } from './sessions.js';
import { Id, Timestamp, Title, page, pageQuery } from '../primitives.js';

export const ApiKeyCreate = z
  .strictObject({
    name: Title.describe('What it is for.'),
    scopes: z
      .array(KeyScope)
      .min(1, 'must name at least one scope')
      .max(KeyScope.options.length)
      .describe('What it is good for. It never reaches further than you do.'),
    expires_in_days: z.int().min(1).max(365).default(90),
    password: GivenPassword.optional().describe(
      'Of the account. Needed unless the session was begun a few minutes ago.',
    ),
  })
  .meta({ id: 'ApiKeyCreate' });
export type ApiKeyCreate = z.output<typeof ApiKeyCreate>;

export const ApiKey = z
  .object({
    api_key_id: Id,
    user_id: Id,
    name: z.string(),
    scopes: z.array(KeyScope),
    created_at: Timestamp,
    expires_at: Timestamp,
    last_used_at: Timestamp.nullable().describe('To within a minute.'),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.output<typeof ApiKey>;

export const ApiKeyCreated = z
  .object({
    ...ApiKey.shape,
    api_key: z.string().describe('Shown this once. Send it as `Authorization: Bearer …`.'),
  })
  .meta({ id: 'ApiKeyCreated' });
export type ApiKeyCreated = z.output<typeof ApiKeyCreated>;

export const ApiKeyPage = page(ApiKey, 'ApiKeyPage');
export const ApiKeyQuery = z.strictObject({ ...pageQuery, user_id: Id.optional() });

export const ApiKeyExchange = z.strictObject({ api_key: z.string().max(200) }).meta({ id: 'ApiKeyExchange' });
