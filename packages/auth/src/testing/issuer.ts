import {
  type CryptoKey,
  type JSONWebKeySet,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
} from 'jose';
import { accessTokenType } from '../tokens/issuer.js';

/** Signs access tokens for tests, good ones and forged ones. */
export interface TestIssuer {
  readonly keys: ReturnType<typeof createLocalJWKSet>;
  readonly jwks: JSONWebKeySet;
  /** A token as the backend signs it; claims and header as given, `exp` in five minutes. */
  sign(claims: JWTPayload, header?: Readonly<Record<string, string>>): Promise<string>;
  /** Tokens that must be refused, by what is wrong with them. */
  forged(claims: JWTPayload): Promise<Record<string, string>>;
  /** A token that takes somebody's public key for a shared secret. */
  confused(claims: JWTPayload, publicKey: object | undefined): Promise<string>;
}

/** @param payload claims that every token has: `iss`, `aud` */
export async function createTestIssuer(
  payload: { iss: string; aud: string },
  kid = 'test',
): Promise<TestIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const { privateKey: foreign } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' };
  const jwks = { keys: [jwk] };
  const make = (claims: JWTPayload, key: CryptoKey | Uint8Array, header: Readonly<Record<string, string>>) =>
    new SignJWT({ exp: seconds() + 300, ...payload, ...claims })
      .setProtectedHeader({ alg: 'ES256', kid, typ: accessTokenType, ...header })
      .sign(key);
  const confused = (claims: JWTPayload, publicKey: object = jwk) =>
    make(claims, new TextEncoder().encode(JSON.stringify(publicKey)), {
      alg: 'HS256',
      kid: 'kid' in publicKey ? String(publicKey.kid) : kid,
    });
  return {
    jwks,
    confused,
    keys: createLocalJWKSet(jwks),
    sign: (claims, header = {}) => make(claims, privateKey, header),
    forged: async (claims) => {
      const good = await make(claims, privateKey, {});
      const [head, body, signature] = good.split('.');
      return {
        expired: await make({ ...claims, exp: seconds() - 3_600 }, privateKey, {}),
        'without an end': await new SignJWT({ ...payload, ...claims })
          .setProtectedHeader({ alg: 'ES256', kid, typ: accessTokenType })
          .sign(privateKey),
        'not valid yet': await make({ ...claims, nbf: seconds() + 3_600 }, privateKey, {}),
        'alg none': new UnsecuredJWT({ exp: seconds() + 300, ...payload, ...claims }).encode(),
        'wrong key': await make(claims, foreign, {}),
        'unknown kid': await make(claims, foreign, { kid: 'another' }),
        'wrong audience': await make({ ...claims, aud: 'another' }, privateKey, {}),
        'wrong issuer': await make({ ...claims, iss: 'another' }, privateKey, {}),
        'another type of token': await make(claims, privateKey, { typ: 'JWT' }),
        'HS256 with the public key': await confused(claims),
        'changed claims': `${head}.${changed(body)}.${signature}`,
        'cut off': `${head}.${body}.`,
        'no token': 'nonsense',
      };
    },
  };
}

const seconds = (): number => Math.floor(Date.now() / 1_000);

/** The same claims with another role, under the old signature. */
function changed(body = ''): string {
  const claims: unknown = JSON.parse(Buffer.from(body, 'base64url').toString());
  return Buffer.from(JSON.stringify(Object.assign({}, claims, { roles: ['admin'], forged: true }))).toString(
    'base64url',
  );
}
