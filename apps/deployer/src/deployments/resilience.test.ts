import { type TcpRelay, until } from '@cloudemy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DeleteAnswer, DeployAnswer, Deployment, Problem, SystemStatus } from '@cloudemy/contracts';
import { readObject } from '@cloudemy/k8s';
import { call, expectCall } from '../testing/calls.js';
import { openEvents, readFollowed } from '../testing/events.js';
import { type TestDeployer, TestStack } from '../testing/stack.js';
import { configMapYaml, documents, jobYaml } from '../testing/yaml.js';

let stack: TestStack;
let deployer: TestDeployer;
let relay: TcpRelay;

beforeAll(async () => {
  stack = await TestStack.start();
  const relayed = await stack.relayToCluster();
  relay = relayed.relay;
  deployer = await stack.startDeployer({
    KUBECONFIG: relayed.kubeconfig,
    DEPLOYER_NAMESPACES: 'default,small',
  });
});

afterAll(() => stack.stop());

const deploy = (yaml: string, namespace = 'default') =>
  call(deployer, 'POST', '/deploy', { yaml_content: yaml, namespace });
const see = (id: string | null | undefined) =>
  expectCall(Deployment, 200, deployer, 'GET', `/deployments/${id ?? ''}`);
const configMap = (name: string, namespace = 'default') =>
  readObject(stack.cluster.api, { group: '', version: 'v1', resource: 'configmaps', namespace, name });

test('when the cluster fails half-way the answer says what exists, and all of it can be deleted', async () => {
  await stack.cluster.api.create('/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'small' },
  });
  await until(async () => (await configMap('kube-root-ca.crt', 'small')) !== undefined);
  await stack.cluster.api.create('/api/v1/namespaces/small/resourcequotas', {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q' },
    // Each fits when tried out alone; both do not.
    spec: { hard: { 'count/configmaps': '2' } },
  } as object & { metadata: object });
  const yaml = documents(configMapYaml('fits'), configMapYaml('does-not'), jobYaml('later', 'true'));
  const answer = await deploy(yaml, 'small');
  // A quota that is used up is no fault of a server.
  expect(answer.status).toBe(409);
  const problem = Problem.parse(answer.body);
  expect(problem).toMatchObject({
    code: 'quota_exceeded',
    detail: expect.stringContaining('exceeded quota'),
  });
  const results = problem.objects?.map(({ result }) => result) ?? [];
  expect(results.toSorted()).toEqual(['created', 'failed', 'not_tried']);
  expect(results[2]).toBe('not_tried');
  expect(await see(problem.deployment_id)).toMatchObject({ state: 'incomplete' });
  const gone = await expectCall(DeleteAnswer, 200, deployer, 'POST', '/delete', {
    yaml_content: yaml,
    namespace: 'small',
  });
  expect(gone).toMatchObject({ complete: true });
  expect(await configMap('fits', 'small')).toBeUndefined();
});

test('a deployer that stopped between applying and recording forgets nothing', async () => {
  const yaml = documents(
    configMapYaml('crash-a'),
    configMapYaml('x').replace('name: x', 'generateName: crash-'),
  );
  const { deployment_id: id } = DeployAnswer.parse((await deploy(yaml)).body);
  const found = stack.database.collection('deployments');
  const stopped = { token: 'of-the-dead', kind: 'deploy', until: new Date(0) };
  await found.updateOne(
    { name: 'crash-a' },
    {
      $set: {
        stage: 'deploying',
        operation: stopped,
        'objects.0.uid': null,
        'objects.1.uid': null,
        'objects.1.name': null,
      },
    },
  );
  expect(await see(id)).toMatchObject({ state: 'incomplete', objects: [{ state: 'active' }, {}] });
  const again = DeployAnswer.parse((await deploy(yaml)).body);
  expect(again).toMatchObject({
    deployment_id: id,
    objects: [{ result: 'unchanged' }, { result: 'created' }],
  });
  await found.updateOne({ name: 'crash-a' }, { $set: { 'objects.2.uid': null, 'objects.2.name': null } });
  const gone = await expectCall(DeleteAnswer, 200, deployer, 'DELETE', `/deployments/${id}`);
  expect(gone.objects.map(({ result }) => result)).toEqual(['deleted', 'deleted', 'deleted']);
  const { items } = await stack.cluster.api.list('/api/v1/namespaces/default/configmaps');
  expect(items.filter(({ metadata }) => metadata.name?.startsWith('crash-') === true)).toEqual([]);
});

test('another request that is at work is waited for, by the client', async () => {
  const { deployment_id: id } = DeployAnswer.parse((await deploy(configMapYaml('locked'))).body);
  const operation = { token: 'another', kind: 'deploy', until: new Date(Date.now() + 60_000) };
  await stack.database.collection('deployments').updateOne({ name: 'locked' }, { $set: { operation } });
  for (const answer of [
    await deploy(configMapYaml('locked', 'two')),
    await call(deployer, 'DELETE', `/deployments/${id}`),
  ]) {
    expect(answer).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect(answer.headers.get('retry-after')).toBe('1');
  }
  await stack.database.collection('deployments').updateOne({ name: 'locked' }, { $set: { operation: null } });
  await expectCall(DeleteAnswer, 200, deployer, 'DELETE', `/deployments/${id}`);
});

test('while the cluster is away: what is known is shown, the rest is a 503, and nothing is lost', async () => {
  const { deployment_id: id } = DeployAnswer.parse((await deploy(configMapYaml('away'))).body);
  relay.cut();
  expect(await see(id)).toMatchObject({ state: 'unknown', objects: [{ state: 'unknown' }] });
  const calls = [
    deploy(configMapYaml('away-b')),
    call(deployer, 'POST', '/delete', { yaml_content: configMapYaml('away') }),
    call(deployer, 'GET', '/jobs/x/status'),
    call(deployer, 'GET', '/jobs/x/logs'),
  ];
  for (const answer of calls)
    expect(await answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });
  const state = await expectCall(SystemStatus, 200, deployer, 'GET', '/status');
  expect(state).toMatchObject({ status: 'degraded', cluster: { reachable: false, version: null } });
  // The address of an embedded cluster holds the secret that opens it, and health is told to anyone.
  const health = await (await fetch(`${deployer.url}/readyz`)).text();
  expect(health).toContain('kubernetes');
  for (const told of [health, JSON.stringify(state)]) expect(told).not.toContain(relay.url);
  relay.restore();
  expect(await see(id)).toMatchObject({ state: 'active' });
  await expectCall(DeleteAnswer, 200, deployer, 'DELETE', `/deployments/${id}`);
});

test('a followed log outlives a break of the way to the cluster, every line once', async () => {
  await deploy(jobYaml('broken-way', 'i=0; while [ $i -lt 60 ]; do echo $i; i=$((i+1)); sleep 0.02; done'));
  const events = await openEvents(deployer, '/jobs/broken-way/logs?follow=true');
  let cuts = 0;
  const followed = await readFollowed(events, ({ lines }) => {
    if (cuts < 2 && lines.length >= 10 * (cuts + 1)) {
      cuts += 1;
      relay.cut();
      relay.restore();
    }
    return false;
  });
  expect(cuts).toBe(2);
  expect(followed.lines).toEqual(Array.from({ length: 60 }, (_, i) => `main: ${i}`));
  expect(followed.end).toMatchObject({ outcome: 'succeeded' });
});

test('a reader that takes nothing holds the log back instead of filling memory', async () => {
  // Forty million bytes in lines of a thousand.
  await deploy(jobYaml('flood', `yes ${'x'.repeat(999)} | head -n 40000`));
  await until(async () => {
    const { body } = await call(deployer, 'GET', '/jobs/flood/status');
    return typeof body === 'object' && body !== null && Reflect.get(body, 'finished') === true;
  });
  const before = relay.passed;
  const events = await openEvents(deployer, '/jobs/flood/logs?follow=true');
  let last = -1;
  await until(async () => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    const isStill = relay.passed === last;
    last = relay.passed;
    return isStill && last > before;
  });
  // Socket buffers on the way hold a few megabytes; the log has forty.
  expect(relay.passed - before).toBeLessThan(25_000_000);
  const followed = await readFollowed(events);
  expect(followed.lines.length).toBe(40_000);
  expect(followed.end).toMatchObject({ outcome: 'succeeded' });
});

test('a deployer that stops tells its readers to come back, and they go on where they were', async () => {
  await deploy(jobYaml('handover', 'i=0; while [ $i -lt 40 ]; do echo $i; i=$((i+1)); sleep 0.03; done'));
  const first = await stack.startDeployer();
  const part = readFollowed(await openEvents(first, '/jobs/handover/logs?follow=true'), ({ lines, end }) => {
    if (lines.length >= 5) void first.stop();
    return end !== undefined;
  });
  const { lines, ids, end } = await part;
  expect(end).toMatchObject({ outcome: 'shutdown' });
  const rest = await readFollowed(
    await openEvents(deployer, '/jobs/handover/logs?follow=true', { lastEventId: ids.at(-1) }),
  );
  expect([...lines, ...rest.lines]).toEqual(Array.from({ length: 40 }, (_, i) => `main: ${i}`));
});
