import * as client from 'openid-client';
import { z } from 'zod';
import type { FrontendConfig } from './config.js';
import type { Stored } from './cookies.js';

/** What is remembered from the way to the provider until the way back, in a cookie of the browser that went. */
const Errand = z.object({
  state: z.string().min(1),
  nonce: z.string().min(1),
  verifier: z.string().min(1),
  /** The page to go on with. */
  next: z.string().min(1),
});
export type Errand = z.output<typeof Errand>;

/** Milliseconds for which somebody stays signed in at most, where the provider sets no end itself. */
const longestMs = 7 * 24 * 3_600_000;
/** Milliseconds that an access token is taken to last where the provider does not say. */
const unknownLifeMs = 300_000;

/** Why nobody is signed in now; a code of the provider (RFC 6749, 4.1.2.1), or `failed`. */
export class SignInRefused extends Error {
  override readonly name = 'SignInRefused';
  readonly code: string;

  constructor(code: string, cause: unknown) {
    super(`the provider signed nobody in: ${code}`, { cause });
    this.code = code;
  }
}

type OidcConfig = Pick<
  FrontendConfig,
  'OIDC_CLIENT_ID' | 'OIDC_CLIENT_SECRET' | 'OIDC_SCOPES' | 'OIDC_AUTHORIZATION_PARAMETERS'
> & { OIDC_ISSUER: string };

/** Signing in at an OpenID Connect provider: the code flow with PKCE, state and nonce. */
export class OidcSignIn {
  readonly #config: OidcConfig;
  #discovered: Promise<client.Configuration> | undefined;

  constructor(config: OidcConfig) {
    this.#config = config;
  }

  /**
   * Where to send the browser, and what to remember until it comes back.
   *
   * @param redirectUri of this server, registered with the provider
   */
  async begin(redirectUri: string, next: string): Promise<{ url: URL; errand: Errand }> {
    const provider = await this.#provider();
    const errand = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
      next,
    };
    const url = client.buildAuthorizationUrl(provider, {
      ...Object.fromEntries(this.#config.OIDC_AUTHORIZATION_PARAMETERS),
      redirect_uri: redirectUri,
      scope: this.#config.OIDC_SCOPES,
      state: errand.state,
      nonce: errand.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(errand.verifier),
      code_challenge_method: 'S256',
    });
    return { url, errand };
  }

  /**
   * Exchanges the code that the browser brought back.
   *
   * @param callback the whole address that it came to
   * @throws SignInRefused when the provider refuses, or the answer belongs to another errand
   */
  async finish(callback: URL, errand: Errand): Promise<Stored> {
    const provider = await this.#provider();
    try {
      const tokens = await client.authorizationCodeGrant(provider, callback, {
        pkceCodeVerifier: errand.verifier,
        expectedState: errand.state,
        expectedNonce: errand.nonce,
        idTokenExpected: true,
      });
      return stored(tokens);
    } catch (error) {
      const refused =
        error instanceof client.AuthorizationResponseError || error instanceof client.ResponseBodyError;
      throw new SignInRefused(refused ? error.error : 'failed', error);
    }
  }

  /**
   * A session with a new access token; undefined when the provider gives no more.
   *
   * @throws Error when the provider cannot be asked
   */
  async renew(refresh: string): Promise<Stored | undefined> {
    if (refresh === '') return undefined;
    try {
      const tokens = await client.refreshTokenGrant(await this.#provider(), refresh);
      return stored(tokens, refresh);
    } catch (error) {
      if (error instanceof client.ResponseBodyError && error.status < 500) return undefined;
      throw error;
    }
  }

  /** Ends the session at the provider too: where the browser has to go for that, if the provider has such a place. */
  async end(session: Stored | undefined, backTo: string): Promise<string | undefined> {
    const provider = await this.#provider();
    const { end_session_endpoint: endpoint, revocation_endpoint: revocation } = provider.serverMetadata();
    if (session !== undefined && session.refresh !== '' && revocation !== undefined) {
      await client.tokenRevocation(provider, session.refresh);
    }
    if (endpoint === undefined) return undefined;
    return client.buildEndSessionUrl(provider, { post_logout_redirect_uri: backTo }).href;
  }

  /** What the provider says of itself; asked again after a failure. */
  #provider(): Promise<client.Configuration> {
    this.#discovered ??= this.#discover().catch((error: unknown) => {
      this.#discovered = undefined;
      throw error;
    });
    return this.#discovered;
  }

  #discover(): Promise<client.Configuration> {
    const { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET } = this.#config;
    const issuer = new URL(OIDC_ISSUER);
    const authentication = OIDC_CLIENT_SECRET === undefined ? client.None() : undefined;
    return client.discovery(issuer, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, authentication, {
      timeout: 10,
      // Whoever names a provider without TLS means it.
      execute: issuer.protocol === 'http:' ? [client.allowInsecureRequests] : [],
    });
  }
}

/** @param former the refresh token so far: providers that do not rotate give no other */
function stored(
  tokens: client.TokenEndpointResponse & client.TokenEndpointResponseHelpers,
  former = '',
): Stored {
  const now = Date.now();
  const seconds = tokens.expiresIn();
  const refresh = tokens.refresh_token ?? former;
  const expires = now + (seconds === undefined ? unknownLifeMs : seconds * 1_000);
  // Not of the standard, but Keycloak says it.
  const { refresh_expires_in: refreshSeconds } = tokens;
  const known = typeof refreshSeconds === 'number' && refreshSeconds > 0;
  const ends = refresh === '' ? expires : now + (known ? refreshSeconds * 1_000 : longestMs);
  return { access: tokens.access_token, expires, refresh, ends };
}

/** The errand as a cookie keeps it. */
export const errandText = (errand: Errand): string =>
  Buffer.from(JSON.stringify(errand)).toString('base64url');

/** @returns undefined for what was not made here */
export function readErrand(text: string | undefined): Errand | undefined {
  try {
    return Errand.safeParse(JSON.parse(Buffer.from(text ?? '', 'base64url').toString())).data;
  } catch {
    return undefined;
  }
}
