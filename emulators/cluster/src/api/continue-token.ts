import { isObject } from '../json.js';
import { badRequest } from '../store/api-error.js';

/** Where a list continues: the version it shows and the key it stopped after. */
export interface ContinueToken {
  version: number;
  /** `namespace/name` of the last object that was sent. */
  after: string;
}

const API = 'meta.k8s.io/v1';

/** base64url of the JSON that a real server uses. */
export function encodeContinue(token: ContinueToken): string {
  const json = JSON.stringify({ v: API, rv: token.version, start: `${token.after}\u0000` });
  return Buffer.from(json).toString('base64url');
}

/** @throws ApiError 400 for a token that is not one of ours. */
export function decodeContinue(text: string): ContinueToken {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (isObject(value) && value['v'] === API && typeof value['rv'] === 'number') {
      const start = value['start'];
      if (typeof start === 'string') {
        return { version: value['rv'], after: start.replace(/\0$/, '') };
      }
    }
  } catch (error) {
    throw badRequest('invalid continue token: continue key is not valid', error);
  }
  throw badRequest('invalid continue token: continue key is not valid: not a list position');
}
