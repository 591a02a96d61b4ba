import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { asNumber, asString, at } from '../../json.js';
import { ApiError } from '../../store/api-error.js';
import type { Registry } from '../../store/registry.js';
import type { User } from '../exchange.js';

export const AUDIENCE = 'https://kubernetes.default.svc.cluster.local';

const administrator: User = {
  name: 'kubernetes-admin',
  groups: ['system:masters', 'system:authenticated'],
};
const anonymous: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

export interface ServiceAccountRef {
  namespace: string;
  name: string;
  uid: string;
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function equal(left: string, right: string): boolean {
  const a = Buffer.from(left);
  const b = Buffer.from(right);
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Issues and checks bearer tokens: one for the administrator, signed ones for service accounts. */
export class Tokens {
  readonly admin = randomBytes(32).toString('base64url');
  readonly #key = randomBytes(32);

  private readonly registry: Registry;

  constructor(registry: Registry) {
    this.registry = registry;
  }

  /** A JWT for a service account, valid for `seconds`. */
  issue(account: ServiceAccountRef, seconds: number, audiences: readonly string[] = [AUDIENCE]): string {
    const now = Math.floor(Date.now() / 1000);
    const header = base64url({ alg: 'HS256', typ: 'JWT' });
    const payload = base64url({
      aud: audiences,
      exp: now + seconds,
      iat: now,
      iss: AUDIENCE,
      nbf: now,
      sub: `system:serviceaccount:${account.namespace}:${account.name}`,
      'kubernetes.io': {
        namespace: account.namespace,
        serviceaccount: { name: account.name, uid: account.uid },
      },
    });
    return `${header}.${payload}.${this.#sign(`${header}.${payload}`)}`;
  }

  /**
   * Takes the administrator's token off the front of a URL. kubectl sends credentials over TLS only, so the
   * kubeconfig names a server `http://127.0.0.1:PORT/TOKEN`: whoever knows that URL is the administrator.
   */
  unlock(url: string): { url: string; admin: boolean } {
    const end = url.indexOf('/', 1);
    return end > 0 && equal(url.slice(1, end), this.admin)
      ? { url: url.slice(end), admin: true }
      : { url, admin: false };
  }

  /**
   * Who sends this Authorization header; without a bearer token it is the anonymous user, or the administrator
   * when the URL carried the token.
   * @throws ApiError 401 for a token that is not valid.
   */
  authenticate(header: string | undefined, admin = false): User {
    const token = /^Bearer\s+(.+)$/i.exec(header ?? '')?.[1]?.trim();
    if (token === undefined) {
      return admin ? administrator : anonymous;
    }
    if (equal(token, this.admin)) {
      return administrator;
    }
    const user = this.#serviceAccount(token);
    if (user === undefined) {
      throw new ApiError(401, 'Unauthorized', 'Unauthorized');
    }
    return user;
  }

  /**
   * The user an administrator acts as (`kubectl --as`), or the user itself.
   * @throws ApiError 403 for anybody else who tries.
   */
  impersonate(user: User, name: string | undefined, groups: readonly string[]): User {
    if (name === undefined) {
      return user;
    }
    if (!user.groups.includes('system:masters')) {
      throw new ApiError(
        403,
        'Forbidden',
        `users "${name}" is forbidden: User "${user.name}" cannot impersonate resource "users" in API group "" at the cluster scope`,
        { name, kind: 'users' },
      );
    }
    const [, kind, namespace] = name.split(':');
    const own =
      kind === 'serviceaccount' && namespace !== undefined
        ? ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]
        : [];
    return { name, groups: [...groups, ...own, 'system:authenticated'] };
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('base64url');
  }

  #serviceAccount(token: string): User | undefined {
    const [header = '', payload = '', signature = ''] = token.split('.');
    if (!equal(signature, this.#sign(`${header}.${payload}`))) {
      return undefined;
    }
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    const expires = asNumber(at(claims, 'exp')) ?? 0;
    const namespace = asString(at(claims, 'kubernetes.io', 'namespace')) ?? '';
    const name = asString(at(claims, 'kubernetes.io', 'serviceaccount', 'name')) ?? '';
    const uid = asString(at(claims, 'kubernetes.io', 'serviceaccount', 'uid')) ?? '';
    const account = this.registry.get('serviceaccounts', namespace, name);
    if (expires * 1000 < Date.now() || account?.metadata.uid !== uid) {
      return undefined;
    }
    return {
      name: `system:serviceaccount:${namespace}:${name}`,
      uid,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    };
  }
}
