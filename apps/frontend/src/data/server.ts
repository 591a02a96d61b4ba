import { cache } from 'react';
import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { ProblemAnswer, createClient, deployerApi, publicApi } from '@cloudemy/contracts';
import { type Trouble, asTrouble, troubleOf } from './problem.ts';

export type Loaded<T> = { ok: true; value: T } | { ok: false; trouble: Trouble };

const urls = {
  backend: () => process.env['NEXT_PUBLIC_API_BASE_URL'] ?? 'http://backend:8000',
  deployer: () => process.env['DEPLOYER_URL'] ?? 'http://deployer:8002',
};

/** In the name of whoever reads the page: the server in front has put their token here. */
const onBehalf = cache(async () => {
  const given = await headers();
  const passed: Record<string, string> = {};
  for (const name of ['authorization', 'x-request-id', 'x-forwarded-for']) {
    const value = given.get(name);
    if (value !== null) passed[name] = value;
  }
  return passed;
});

const clients = cache(async () => {
  const passed = await onBehalf();
  return {
    backend: createClient(publicApi, { baseUrl: urls.backend(), headers: passed, timeoutMs: 10_000 }),
    deployer: createClient(deployerApi, { baseUrl: urls.deployer(), headers: passed, timeoutMs: 10_000 }),
  };
});

export type Clients = Awaited<ReturnType<typeof clients>>;

/** Asks the services; what goes wrong is a value, to be shown in place of the page. */
export async function load<T>(ask: (clients: Clients) => Promise<T>): Promise<Loaded<T>> {
  try {
    return { ok: true, value: await ask(await clients()) };
  } catch (error) {
    if (error instanceof ProblemAnswer) return { ok: false, trouble: troubleOf(error.status, error.problem) };
    return { ok: false, trouble: asTrouble(error) };
  }
}

/** The same, where whoever is not signed in is asked to. */
export async function loadSignedIn<T>(ask: (clients: Clients) => Promise<T>): Promise<Loaded<T>> {
  const loaded = await load(ask);
  if (!loaded.ok && loaded.trouble.status === 401) {
    const path = (await headers()).get('x-cloudemy-path') ?? '/';
    redirect(`/sign-in?next=${encodeURIComponent(path)}`);
  }
  return loaded;
}

/** Who reads the page; nobody while they are not signed in. */
export const reader = cache(async () => {
  const [info, me] = await Promise.all([
    load(({ backend }) => backend.getAuthInfo({})),
    load(({ backend }) => backend.getMe({})),
  ]);
  return {
    auth: info.ok ? info.value : undefined,
    me: me.ok ? me.value : undefined,
    trouble: info.ok ? undefined : info.trouble,
  };
});

/** Whether somebody has one of these roles. */
export function has(me: { effective_roles: readonly string[] } | undefined, ...roles: string[]): boolean {
  return me?.effective_roles.some((role) => role === 'admin' || roles.includes(role)) === true;
}
