import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';

export interface TestProvider {
  issuer: string;
  /** An access token of the provider for one of its subjects, by the client credentials grant. */
  tokenFor: (subject: string, audience?: string) => Promise<string>;
  close: () => Promise<void>;
}

const audiences = ['cloudemy', 'another'];
const resource = (audience: string): string => `urn:api:${audience}`;

/**
 * A real OpenID Connect provider.
 *
 * @param claims what it says in the tokens of each subject
 */
export async function startProvider(claims: Record<string, Record<string, unknown>>): Promise<TestProvider> {
  const server = createServer();
  await listening(server);
  // It listens on TCP.
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const provider = new Provider(issuer, {
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'provider', alg: 'RS256', use: 'sig' }] },
    cookies: { keys: ['a key for cookies that nobody gets'] },
    clients: Object.keys(claims).map((subject) => ({
      client_id: subject,
      client_secret: 'secret',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    })),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource('cloudemy'),
        getResourceServerInfo: (_context, wanted) => ({
          scope: '',
          audience: audiences.find((audience) => resource(audience) === wanted) ?? 'unknown',
          accessTokenFormat: 'jwt',
          accessTokenTTL: 300,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
    extraTokenClaims: (_context, token) => claims[token.clientId ?? ''],
  });
  const handle = provider.callback();
  server.on('request', (req, res) => void handle(req, res));
  return {
    issuer,
    tokenFor: async (subject, audience = 'cloudemy') => {
      const answer = await fetch(`${issuer}/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(`${subject}:secret`).toString('base64')}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', resource: resource(audience) }),
      });
      const body: unknown = await answer.json();
      if (!answer.ok || typeof body !== 'object' || body === null || !('access_token' in body)) {
        throw new Error(`the provider gave no token: ${JSON.stringify(body)}`);
      }
      return String(body.access_token);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

const listening = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
