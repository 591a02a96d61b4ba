import { until } from '@cloudemy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { authenticateByToken, backendIssuer } from '@cloudemy/auth';
import { type TestIssuer, createTestIssuer } from '@cloudemy/auth/testing';
import {
  AuditPage,
  DeployAnswer,
  DeploymentPage,
  KeyScope,
  Role,
  TerminalSession,
  TerminalSessionPage,
  Webhook,
  WebhookDelivery,
  deployerAccess,
  deployerApi,
  scopesOf,
} from '@cloudemy/contracts';
import { type TestDeployer, TestStack } from '../testing/stack.js';
import { configMapYaml, jobYaml } from '../testing/yaml.js';

type Operation = keyof typeof deployerAccess;

/** Users by what they are called here. */
const ids = { ann: 'a'.repeat(24), bob: 'b'.repeat(24), eve: 'e'.repeat(24) };

let stack: TestStack;
let deployer: TestDeployer;
let issuer: TestIssuer;
/** What ann has, and keeps. */
let sessionId: string;
let deploymentId: string;
let webhookId: string;
let deliveryId: string;

beforeAll(async () => {
  issuer = await createTestIssuer({ iss: 'cloudemy', aud: 'cloudemy' });
  stack = await TestStack.start();
  const issuers = [backendIssuer('cloudemy', 'cloudemy', issuer.keys)];
  const authenticate = authenticateByToken({ issuers, clockTolerance: 0 }, async () => undefined);
  const env = {
    AUTH_MODE: 'jwt',
    TERMINAL_MAX_SESSIONS_PER_USER: '200',
    RATE_LIMIT_TERMINALS_PER_USER: '0',
    RATE_LIMIT_PER_USER: '0',
  };
  deployer = await stack.startDeployer(env, { authenticate });
  const token = await tokenOf('ann');
  const yaml = jobYaml('owned', 'sleep 3600');
  const deployed = await send(token, 'POST', '/deploy', { yaml_content: yaml });
  deploymentId = DeployAnswer.parse(deployed.body).deployment_id ?? '';
  await until(async () => (await openTerminal(token)).status === 201);
  const { body } = await send(token, 'GET', '/terminal/sessions');
  sessionId = TerminalSessionPage.parse(body).items[0]?.session_id ?? '';
  webhookId = await makeWebhook(token);
  const tested = await send(token, 'POST', `/webhooks/${webhookId}/test`);
  deliveryId = WebhookDelivery.parse(tested.body).delivery_id;
});

afterAll(() => stack.stop());

const tokenOf = (who: keyof typeof ids, roles: readonly Role[] = ['runner-operator'], scopes?: KeyScope[]) =>
  issuer.sign({ sub: ids[who], roles, ...(scopes && { key_scopes: scopes }) });

async function send(token: string | undefined, method: string, path: string, body?: unknown) {
  const answer = await deployer.fetch(path, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isJson = /\bjson\b/.test(answer.headers.get('content-type') ?? '');
  return { status: answer.status, body: isJson ? JSON.parse(text) : text };
}

const openTerminal = (token: string) =>
  send(token, 'POST', '/terminal/create', { job_name: 'owned', shell: '/bin/sh' });

const webhook = { url: 'https://hooks.invalid/', events: ['job.ended'] };

const makeWebhook = async (token: string): Promise<string> =>
  Webhook.parse((await send(token, 'POST', '/webhooks', webhook)).body).webhook_id;

/** Something of ann's that a request may delete. */
async function disposable(): Promise<Owned> {
  const token = await tokenOf('ann');
  const session = TerminalSession.parse((await openTerminal(token)).body).session_id;
  const { body } = await send(token, 'POST', '/deploy', { yaml_content: configMapYaml('disposable') });
  const deployment = DeployAnswer.parse(body).deployment_id ?? '';
  return { session, deployment, webhook: await makeWebhook(token) };
}

interface Owned {
  session: string;
  deployment: string;
  webhook: string;
}

interface Try {
  /** Where the path names something: of ann's. */
  path?: (owned: Owned) => string;
  body?: unknown;
  /** What an allowed request is answered with. */
  status: number;
  /** What one gets who may do it to their own and asks for ann's; as for their own when left out. */
  foreign?: number;
  /** It takes away what it names. */
  deletes?: true;
}

const job = { job_name: 'owned', namespace: 'default' };

/** A request that is in order, for each operation: one that is missing here does not compile. */
const tries: Record<Operation, Try> = {
  deploy: { body: { yaml_content: configMapYaml('tried'), dry_run: true }, status: 200 },
  deleteByYaml: {
    body: { yaml_content: jobYaml('owned', ''), dry_run: true },
    status: 200,
    foreign: 404,
  },
  listDeployments: { status: 200 },
  getDeployment: { path: ({ deployment }) => `/deployments/${deployment}`, status: 200, foreign: 404 },
  deleteDeployment: {
    path: ({ deployment }) => `/deployments/${deployment}`,
    status: 200,
    foreign: 404,
    deletes: true,
  },
  getJobStatus: { path: () => '/jobs/owned/status', status: 200, foreign: 404 },
  getJobLogs: { path: () => '/jobs/owned/logs', status: 200, foreign: 404 },
  postJobLogs: { body: job, status: 200, foreign: 404 },
  openJobTerminal: { path: () => '/jobs/owned/terminal?shell=/bin/sh', status: 201, foreign: 404 },
  createTerminal: { body: { ...job, shell: '/bin/sh' }, status: 201, foreign: 404 },
  listTerminals: { status: 200 },
  endTerminal: { path: ({ session }) => `/terminal/${session}`, status: 200, foreign: 404, deletes: true },
  endJobTerminals: { path: () => '/terminal/job/of-nobody', status: 200 },
  createTerminalTicket: { path: ({ session }) => `/terminal/${session}/ticket`, status: 201, foreign: 404 },
  // Whoever is let in is told that this is for WebSockets.
  connectTerminal: { path: ({ session }) => `/terminal/${session}`, status: 426 },
  getStatus: { status: 200 },
  listAudit: { status: 200 },
  createWebhook: { body: webhook, status: 201 },
  listWebhooks: { status: 200 },
  getWebhook: { path: hookPath(''), status: 200, foreign: 404 },
  updateWebhook: { path: hookPath(''), body: { description: 'Mine' }, status: 200, foreign: 404 },
  deleteWebhook: { path: hookPath(''), status: 204, foreign: 404, deletes: true },
  rotateWebhookSecret: { path: hookPath('/rotate-secret'), status: 200, foreign: 404 },
  testWebhook: { path: hookPath('/test'), status: 202, foreign: 404 },
  listWebhookDeliveries: { path: hookPath('/deliveries'), status: 200, foreign: 404 },
  replayWebhookDelivery: {
    path: (owned) => hookPath(`/deliveries/${deliveryId}/replay`)(owned),
    status: 202,
    foreign: 404,
  },
};

function hookPath(rest: string): (owned: Owned) => string {
  return (owned) => `/webhooks/${owned.webhook}${rest}`;
}

const operations = Object.keys(tries).filter((name): name is Operation => name in tries);

/** Sends it and compares the answer's status; an error names who asked. */
async function expectStatus(operation: Operation, expected: number, token?: string, who = ''): Promise<void> {
  const { method, path } = deployerApi[operation];
  const { path: make, body, status, deletes } = tries[operation];
  const owned =
    deletes === true && expected === status
      ? await disposable()
      : { session: sessionId, deployment: deploymentId, webhook: webhookId };
  const answer = await send(token, method.toUpperCase(), make?.(owned) ?? path, body);
  expect([who, answer.status]).toEqual([who, expected]);
}

describe.each(operations)('%s', (operation) => {
  const rule = deployerAccess[operation];
  const { status, foreign = status } = tries[operation];

  test('is for nobody who does not show a good token', async () => {
    const forged = await issuer.forged({ sub: ids.ann, roles: ['admin'] });
    await expectStatus(operation, 401);
    for (const [fault, token] of Object.entries(forged)) await expectStatus(operation, 401, token, fault);
  });

  test.each(Role.options)('is for the role %s as the table says', async (role) => {
    const scopes = scopesOf(rule, [role]);
    const own = scopes.length === 0 ? 403 : status;
    await expectStatus(operation, own, await tokenOf('ann', [role]), 'ann');
    const others = scopes.length === 0 ? 403 : scopes.includes('any') ? status : foreign;
    await expectStatus(operation, others, await tokenOf('bob', [role]), 'bob');
  });

  test('is for API keys of its scope', async () => {
    const otherScopes = KeyScope.options.filter((scope) => scope !== rule.key);
    await expectStatus(operation, 403, await tokenOf('ann', ['admin'], otherScopes), 'other scopes');
    const scope = KeyScope.options.find((one) => one === rule.key);
    if (scope === undefined) return;
    await expectStatus(operation, status, await tokenOf('ann', ['admin'], [scope]), scope);
  });
});

test('lists show what one may reach', async () => {
  const seen = async (who: keyof typeof ids, roles: Role[], filter = '') => {
    const token = await tokenOf(who, roles);
    const deployments = await send(token, 'GET', `/deployments?${filter}`);
    const sessions = await send(token, 'GET', '/terminal/sessions');
    return [
      DeploymentPage.parse(deployments.body).items.some((item) => item.deployment_id === deploymentId),
      TerminalSessionPage.parse(sessions.body).items.some((item) => item.session_id === sessionId),
    ];
  };
  expect(await seen('ann', ['runner-operator'])).toEqual([true, true]);
  expect(await seen('bob', ['runner-operator'])).toEqual([false, false]);
  expect(await seen('bob', ['runner-operator'], `owner=${ids.ann}`)).toEqual([false, false]);
  expect(await seen('bob', ['admin'])).toEqual([true, true]);
  expect(await seen('bob', ['admin'], `owner=${ids.bob}`)).toEqual([false, true]);
});

test('the name of an object of others is taken, whose it is stays unsaid, and force does not help', async () => {
  for (const force of [false, true]) {
    const body = { yaml_content: jobYaml('owned', 'sleep 1'), force };
    const answer = await send(await tokenOf('bob'), 'POST', '/deploy', body);
    expect(answer.status).toBe(409);
    expect(JSON.stringify(answer.body)).not.toContain(deploymentId);
  }
});

test('a log that is followed is cut when the access token expires', async () => {
  const follow = async (seconds: number): Promise<Response> => {
    const exp = Math.floor(Date.now() / 1_000) + seconds;
    const token = await issuer.sign({ sub: ids.ann, roles: ['runner-operator'], exp });
    const headers = { authorization: `Bearer ${token}` };
    const answer = await deployer.fetch('/jobs/owned/logs?follow=true', { headers });
    // On a slow machine it may have expired before it was looked at.
    return answer.status === 401 ? follow(seconds * 2) : answer;
  };
  const answer = await follow(2);
  expect(answer.status).toBe(200);
  expect(await answer.text()).not.toContain('event: end');
  const audit = async () => {
    const admin = await tokenOf('bob', ['admin']);
    return AuditPage.parse((await send(admin, 'GET', '/audit?event=log_left&job_name=owned')).body);
  };
  await until(async () => (await audit()).items.length === 1);
});

test('who did what is on record, for administrators', async () => {
  const audit = async (query: string) =>
    AuditPage.parse((await send(await tokenOf('bob', ['admin']), 'GET', `/audit?${query}`)).body);
  const [deployed] = (await audit(`event=deployed&deployment_id=${deploymentId}`)).items;
  expect(deployed).toMatchObject({ user_id: ids.ann, address: '127.0.0.1', objects: ['Job/owned'] });
  const [opened] = (await audit(`event=terminal_opened&session_id=${sessionId}`)).items;
  expect(opened).toMatchObject({
    user_id: ids.ann,
    job_name: 'owned',
    shell: '/bin/sh',
    namespace: 'default',
  });
  const first = await audit(`user_id=${ids.ann}&event=log_read&limit=1`);
  expect(first.items).toMatchObject([{ job_name: 'owned', deployment_id: deploymentId }]);
  const next = await audit(`user_id=${ids.ann}&event=log_read&limit=1&cursor=${first.next_cursor}`);
  expect(next.items[0]?.audit_id).not.toBe(first.items[0]?.audit_id);
  expect((await audit(`event=deleted&user_id=${ids.bob}`)).items).toContainEqual(
    expect.objectContaining({ objects: ['ConfigMap/disposable'], reason: null }),
  );
  expect((await audit('until=2020-01-01T00:00:00Z')).items).toEqual([]);
  expect((await audit('since=2020-01-01T00:00:00Z&limit=1')).items).toHaveLength(1);
});

test('what was refused is on record: who tried what, on which object', async () => {
  const eve = await tokenOf('eve');
  const tries = [
    ['GET', '/jobs/owned/status', 404, { event: 'getJobStatus', object_kind: 'job', object_id: 'owned' }],
    ['GET', '/jobs/owned/logs', 404, { event: 'getJobLogs', job_name: 'owned' }],
    ['POST', '/jobs/owned/terminal', 404, { event: 'openJobTerminal', job_name: 'owned' }],
    ['DELETE', `/deployments/${deploymentId}`, 404, { event: 'deleteDeployment', object_id: deploymentId }],
    ['DELETE', `/terminal/${sessionId}`, 404, { event: 'endTerminal', object_id: sessionId.slice(0, 8) }],
    ['GET', '/audit', 403, { event: 'listAudit', reason: 'forbidden' }],
  ] as const;
  for (const [method, path, status] of tries) expect((await send(eve, method, path)).status).toBe(status);
  const admin = await tokenOf('bob', ['admin']);
  const refused = async () =>
    AuditPage.parse((await send(admin, 'GET', `/audit?outcome=refused&user_id=${ids.eve}&limit=200`)).body)
      .items;
  const missing = async () => {
    const found = await refused();
    return tries.filter(
      ([, , , row]) =>
        !found.some((one) => Object.entries(row).every(([name, value]) => Reflect.get(one, name) === value)),
    );
  };
  await until(async () => (await missing()).length === 0);
  expect((await refused()).find(({ event }) => event === 'getJobStatus')).toMatchObject({
    outcome: 'refused',
    address: '127.0.0.1',
    reason: 'not_found',
    service: 'deployer',
  });
});
