import { until } from '@cloudemy/testing';
import { accountsApi, createClient, deployerApi, publicApi } from '@cloudemy/contracts';
import { bearer } from '@cloudemy/emulator-stack';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { deployer, deployerUrl, named, namespace, people, scriptJob } from './deployer/scene.js';
import { readStackEnv } from './environment.js';

const { E2E_STACK_BACKEND: backendUrl } = readStackEnv();
const job_name = named('access');
const job = scriptJob('access', 'echo here; sleep 3600');
const logPath = `/jobs/${job_name}/logs?follow=true&namespace=${namespace}`;

/** With AUTH_MODE=off everybody may do everything. */
const signedIn = Object.keys(people.operator).length > 0;

(signedIn ? describe : describe.skip)('where people sign in', () => {
  beforeAll(() => deployer.deploy({ body: job }));
  afterAll(() => deployer.deleteByYaml({ body: { ...job, wait: true } }));

  const statusOf = async (url: string, headers: Record<string, string>) =>
    (await fetch(url, { headers })).status;

  test('each does what their role may, on both services', async () => {
    const deployments = `${deployerUrl}/deployments`;
    const users = `${backendUrl}/users`;
    expect(await statusOf(deployments, {})).toBe(401);
    expect(await statusOf(deployments, people.student)).toBe(403);
    expect(await statusOf(deployments, people.operator)).toBe(200);
    expect(await statusOf(users, people.operator)).toBe(403);
    expect(await statusOf(users, people.admin)).toBe(200);
    const audit = createClient(deployerApi, { baseUrl: deployerUrl, headers: people.admin });
    const { items } = await audit.listAudit({ query: { event: 'deployed', namespace } });
    expect(items.flatMap(({ objects }) => objects)).toContain(`Job/${job_name}`);
  });

  test('one does not see the submissions of another', async () => {
    const as = (headers: Record<string, string>) => createClient(publicApi, { baseUrl: backendUrl, headers });
    const { items } = await as(people.admin).listSubmissions({ query: { limit: 50 } });
    const seen = await as(people.operator)
      .listSubmissions({})
      .catch((error: unknown) => error);
    expect(seen).toMatchObject({ status: 403 });
    const own = await as(people.student).listSubmissions({ query: { limit: 50 } });
    const { user_id } = await createClient(accountsApi, {
      baseUrl: backendUrl,
      headers: people.student,
    }).getMe({});
    expect(own.items.every((submission) => submission.user_id === user_id)).toBe(true);
    expect(items.length).toBeGreaterThanOrEqual(own.items.length);
  });

  test('a revoked API key opens nothing more, and what was opened with it ends', async () => {
    const accounts = createClient(accountsApi, { baseUrl: backendUrl, headers: people.operator });
    const body = { name: 'e2e', scopes: ['benchmarks:read' as const], expires_in_days: 1 };
    const { api_key, api_key_id } = await accounts.createApiKey({ body });
    const headers = bearer(api_key);
    const followed = await fetch(`${deployerUrl}${logPath}`, { headers });
    expect(followed.status).toBe(200);
    await accounts.deleteApiKey({ params: { api_key_id } });
    await until(async () =>
      (await statusOf(`${deployerUrl}/deployments`, headers)) === 401 ? true : undefined,
    );
    // The Job sleeps for an hour: it would not end by itself.
    expect(await followed.text()).not.toContain('event: end');
  });
});
