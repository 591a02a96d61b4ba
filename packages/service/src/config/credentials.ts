import { z } from 'zod';

/** Who a service is at a store, when its URL does not say so: kept apart, so that the URL can be shown and shared. */
export const redisCredentials = {
  REDIS_USERNAME: z.string().optional(),
  REDIS_PASSWORD: z.string().optional(),
};

/** As `redisCredentials`, for MongoDB. */
export const mongoCredentials = {
  MONGO_USERNAME: z.string().optional(),
  MONGO_PASSWORD: z.string().optional(),
};

interface Credentials {
  username: string | undefined;
  password: string | undefined;
}

/** A URL of Redis with user and password; one that names them itself stays as it is. */
export function redisUrlWith(url: string, { username = '', password }: Credentials): string {
  return insert(url, username, password) ?? url;
}

/**
 * A connection string of MongoDB with user and password; one that names them itself stays as it is. Users are looked up
 * in the database `admin` unless it says otherwise.
 */
export function mongoUriWith(uri: string, { username, password }: Credentials): string {
  const inserted = username === undefined ? undefined : insert(uri, username, password);
  if (inserted === undefined || /[?&]authSource=/i.test(inserted)) return inserted ?? uri;
  const [start = '', query] = inserted.split('?', 2);
  const path = /^[^:]+:\/\/[^/]+$/.test(start) ? `${start}/` : start;
  return `${path}?${query === undefined || query === '' ? '' : `${query}&`}authSource=admin`;
}

/** A URL of Redis without user and password, for a program that is not to have them. */
export const withoutCredentials = (url: string): string => url.replace(/^([^:]+:\/\/)[^/?#]*@/, '$1');

function insert(url: string, username: string, password: string | undefined): string | undefined {
  const [, scheme, rest] = /^([^:]+:\/\/)(?![^/?#]*@)(.*)$/.exec(url) ?? [];
  if (password === undefined || scheme === undefined) return undefined;
  return `${scheme}${encodeURIComponent(username)}:${encodeURIComponent(password)}@${rest ?? ''}`;
}
