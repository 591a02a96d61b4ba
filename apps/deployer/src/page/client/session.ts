import type { AuthInfo, Problem, Session } from '@cloudemy/contracts';

const key = 'cloudemy.session';
/** Seconds before the end of an access token within which it is exchanged for the next. */
const earlySeconds = 60;

/** What this browser tab signs in with: a session of a person, or a token or API key that was pasted. */
type Kept =
  | { kind: 'session'; accessToken: string; refreshToken: string; expiresAt: number; name: string }
  | { kind: 'token'; token: string };

/** The service said no to a sign-in; `message` is its sentence. */
export class SignInError extends Error {
  override readonly name = 'SignInError';
}

/** Relative, so that the page also works below a path of a proxy. */
const url = (path: string): string => new URL(path, document.baseURI).href;

const post = (path: string, body: object): Promise<Response> =>
  fetch(url(path), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });

/** How one signs in here. */
export async function authInfo(): Promise<AuthInfo> {
  return (await fetch(url('auth'))).json();
}

function read(): Kept | undefined {
  const text = sessionStorage.getItem(key);
  return text === null ? undefined : JSON.parse(text);
}

const keep = (kept: Kept): void => sessionStorage.setItem(key, JSON.stringify(kept));
const forget = (): void => sessionStorage.removeItem(key);

function keepSession({ access_token, refresh_token, expires_in, user }: Session): void {
  keep({
    kind: 'session',
    accessToken: access_token,
    refreshToken: refresh_token,
    expiresAt: Date.now() + expires_in * 1_000,
    name: user.display_name,
  });
}

/** Who has signed in, in words; undefined when nobody has. */
export function signedInAs(): string | undefined {
  const kept = read();
  return kept?.kind === 'token' ? 'a token' : kept?.name;
}

/** @throws SignInError with what the service has against it */
export async function signIn(email: string, password: string): Promise<void> {
  const answer = await post('auth/login', { email, password });
  if (!answer.ok) {
    const problem: Partial<Problem> = await answer.json();
    throw new SignInError(problem.detail ?? `the service answered ${answer.status}`);
  }
  keepSession(await answer.json());
}

/** Shows the service an access token or an API key from now on. */
export const useToken = (token: string): void => keep({ kind: 'token', token });

/** Ends the session, here and in the service. */
export async function signOut(): Promise<void> {
  const kept = read();
  forget();
  // A session that cannot be ended now ends by itself.
  if (kept?.kind === 'session') {
    await post('auth/logout', { refresh_token: kept.refreshToken }).catch(() => undefined);
  }
}

let refreshing: Promise<boolean> | undefined;
const listeners: (() => void)[] = [];

/** @param listener called whenever there is a fresh access token */
export const onRefresh = (listener: () => void): void => void listeners.push(listener);

/**
 * Exchanges the refresh token; of several calls at once one does. A refusal ends the session.
 *
 * @returns whether there is a fresh access token
 */
export function refreshSession(): Promise<boolean> {
  refreshing ??= exchange()
    .catch(() => false)
    .finally(() => {
      refreshing = undefined;
    });
  return refreshing;
}

async function exchange(): Promise<boolean> {
  const kept = read();
  if (kept?.kind !== 'session') return false;
  const answer = await post('auth/refresh', { refresh_token: kept.refreshToken });
  if (answer.status === 401) forget();
  if (!answer.ok) return false;
  keepSession(await answer.json());
  for (const listener of listeners) listener();
  return true;
}

/** What the service is shown with every request, where that asks who one is; fresh for a minute at least. */
export async function credentials(): Promise<Record<string, string>> {
  const kept = read();
  if (kept?.kind === 'session' && kept.expiresAt - Date.now() < earlySeconds * 1_000) {
    await refreshSession();
  }
  const now = read();
  if (now === undefined) return {};
  return { Authorization: `Bearer ${now.kind === 'session' ? now.accessToken : now.token}` };
}
