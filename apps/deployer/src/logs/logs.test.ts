import { join } from 'node:path';
import { until } from '@cloudemy/testing';
import { type Actor, authenticateEveryone } from '@cloudemy/auth';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DeployAnswer, JobStatus, Problem } from '@cloudemy/contracts';
import { call, expectCall } from '../testing/calls.js';
import { type Followed, openEvents, readFollowed } from '../testing/events.js';
import { type TestDeployer, TestStack } from '../testing/stack.js';
import { jobYaml } from '../testing/yaml.js';

let stack: TestStack;
let deployer: TestDeployer;
/** A Job that fails and is tried again, which takes the cluster ten seconds: followed meanwhile. */
let retried: Promise<Followed>;

beforeAll(async () => {
  stack = await TestStack.start();
  deployer = await stack.startDeployer();
  const yaml = jobYaml('retry', 'echo attempt; exit 1').replace('backoffLimit: 0', 'backoffLimit: 1');
  await deploy(yaml);
  retried = readFollowed(await follow('retry'));
});

afterAll(() => stack.stop());

const deploy = (yaml: string) =>
  expectCall(DeployAnswer, 201, deployer, 'POST', '/deploy', { yaml_content: yaml, namespace: 'default' });
const status = (job: string) => expectCall(JobStatus, 200, deployer, 'GET', `/jobs/${job}/status`);
const finished = (job: string) => until(async () => (await status(job)).finished);
const log = (job: string, query = '') => call(deployer, 'GET', `/jobs/${job}/logs?${query}`);
const follow = (job: string, query = '', lastEventId?: string) =>
  openEvents(deployer, `/jobs/${job}/logs?follow=true&${query}`, { lastEventId });
const problemOf = async (answer: Promise<{ body: unknown }>) => Problem.parse((await answer).body);

/** A Job of two containers and an init container. */
const severalYaml = (name: string) =>
  jobYaml(name, 'echo from main; echo main again').replace(
    '      containers:',
    `      initContainers:
      - {name: setup, image: busybox, command: ['sh', '-c', 'echo from setup']}
      containers:
      - {name: side, image: busybox, command: ['sh', '-c', 'echo from side']}`,
  );

test('a log as plain text, whole or in parts, by query and by body', async () => {
  await deploy(jobYaml('plain', 'seq 1 5'));
  await finished('plain');
  expect(await log('plain')).toMatchObject({ status: 200, body: '1\n2\n3\n4\n5\n' });
  expect((await log('plain', 'tail=2')).body).toBe('4\n5\n');
  expect((await log('plain', 'tail=0')).body).toBe('');
  expect((await log('plain', 'limit_bytes=3')).body).toBe('1\n2');
  expect((await log('plain', 'since_seconds=3600')).body).toBe('1\n2\n3\n4\n5\n');
  expect((await log('plain', 'since_time=2100-01-01T00:00:00Z')).body).toBe('');
  expect((await log('plain', 'timestamps=true&tail=1')).body).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z 5\n$/);
  expect((await log('plain', 'prefix=true&tail=1')).body).toMatch(/^\[plain-\w{5}\/main\] 5\n$/);
  const posted = await call(deployer, 'POST', '/jobs/logs', { job_name: 'plain', tail: 1 });
  expect(posted).toMatchObject({ status: 200, body: '5\n' });
});

test('the state of a Job, of its pods and containers', async () => {
  const state = await status('plain');
  expect(state).toMatchObject({
    phase: 'succeeded',
    finished: true,
    troubled: false,
    counts: { succeeded: 1, failed: 0 },
    pods: [{ phase: 'Succeeded', containers: [{ name: 'main', state: 'terminated', exit_code: 0 }] }],
  });
  expect(state.conditions.map(({ type }) => type)).toContain('Complete');
  expect(state.duration_seconds).not.toBeNull();
});

test('several containers: the main ones, one, or all, each line with its origin', async () => {
  await deploy(severalYaml('several'));
  await finished('several');
  const prefix = /\[several-\w{5}\//g;
  const text = async (query = '') => String((await log('several', query)).body).replace(prefix, '[');
  expect(await text()).toBe('[side] from side\n[main] from main\n[main] main again\n');
  expect(await text('all_containers=true')).toContain('[setup] from setup\n');
  expect(await text('container=setup')).toBe('from setup\n');
  expect(await text('prefix=false')).toBe('from side\nfrom main\nmain again\n');
  expect(await text('limit_bytes=8&prefix=false')).toBe('from sid');
  expect(await problemOf(log('several', 'container=nope'))).toMatchObject({
    code: 'invalid_request',
    errors: [{ in: 'query', path: 'container', reason: expect.stringContaining('setup, side, main') }],
  });
  expect(await problemOf(log('several', 'pod=several-nope'))).toMatchObject({ code: 'not_found' });
  const followed = await readFollowed(await follow('several', 'all_containers=1'));
  expect(new Set(followed.lines)).toEqual(
    new Set(['setup: from setup', 'side: from side', 'main: from main', 'main: main again']),
  );
});

test('a followed log comes as it is written, and ends with how the Job ended', async () => {
  await deploy(jobYaml('live', 'for i in 1 2 3; do echo line $i; sleep 0.3; done; exit 3'));
  const followed = await readFollowed(await follow('live', 'timestamps=true'));
  expect(followed.lines).toEqual(['main: line 1', 'main: line 2', 'main: line 3']);
  expect(followed.logs.length).toBeGreaterThan(1);
  for (const event of followed.logs) {
    expect(event.timestamps).toHaveLength(event.lines.length);
    expect(event.timestamps?.at(-1)).toBe(event.timestamp);
  }
  expect(followed.end).toMatchObject({ outcome: 'failed', reason: 'exit_code' });
  expect(followed.end?.message).toContain('exited with code 3');
  const again = await deployer.fetch('/jobs/live/logs?follow=true', {
    headers: { 'last-event-id': followed.ids.at(-1) ?? '' },
  });
  expect(again.status).toBe(204);
});

test('whoever comes back with the last id misses nothing and gets nothing twice', async () => {
  await deploy(
    jobYaml(
      'resume',
      'i=0; while [ $i -lt 400 ]; do echo $i; i=$((i+1)); [ $((i%40)) = 0 ] && sleep 0.05; done',
    ),
  );
  const lines: string[] = [];
  let last: string | undefined;
  for (let connection = 0; ; connection += 1) {
    const part = await readFollowed(await follow('resume', '', last), (so) => so.logs.length >= 2);
    lines.push(...part.lines);
    if (part.end !== undefined) break;
    last = part.ids.at(-1);
    expect(connection).toBeLessThan(400);
  }
  expect(lines).toEqual(Array.from({ length: 400 }, (_, i) => `main: ${i}`));
});

test('a restarted container goes on, each run once', async () => {
  const mark = join(stack.folder, 'second-run');
  const script = `echo run; if [ -e ${mark} ]; then exit 0; fi; touch ${mark}; exit 1`;
  const yaml = jobYaml('restart', script)
    .replace('restartPolicy: Never', 'restartPolicy: OnFailure')
    .replace('backoffLimit: 0', 'backoffLimit: 3');
  await deploy(yaml);
  const followed = await readFollowed(await follow('restart'));
  expect(followed.lines).toEqual(['main: run', 'main: run']);
  expect(followed.logs.map(({ restarts }) => restarts)).toEqual([0, 1]);
  expect(followed.end).toMatchObject({ outcome: 'succeeded' });
});

test('a sidecar that restarts is followed too, each run once', async () => {
  const runs = join(stack.folder, 'sidecar-runs');
  const yaml = jobYaml('sidecar', `until [ "$(cat ${runs})" = xx ]; do sleep 0.1; done`).replace(
    '      containers:',
    `      initContainers:
      - name: proxy
        image: busybox
        restartPolicy: Always
        command: ['sh', '-c', 'echo side; printf x >> ${runs}; [ "$(cat ${runs})" = x ] || sleep 60']
      containers:`,
  );
  await deploy(yaml);
  const followed = await readFollowed(await follow('sidecar', 'all_containers=true'));
  expect(followed.lines).toEqual(['proxy: side', 'proxy: side']);
  expect(followed.logs.map(({ restarts }) => restarts)).toEqual([0, 1]);
  expect(followed.end).toMatchObject({ outcome: 'succeeded' });
});

test('before there is a log, following waits and says why; plain reading says why not', async () => {
  await deploy(jobYaml('stuck', 'true').replace('image: busybox', 'image: registry.invalid/no/such:image'));
  const events = await follow('stuck');
  const followed = await readFollowed(events, (so) =>
    so.waiting.some(({ reason }) => reason === 'image_pull_failed'),
  );
  expect(followed.waiting.at(-1)?.message).toContain('could not be pulled');
  expect(followed.end).toBeUndefined();
  const problem = await problemOf(log('stuck'));
  expect(problem).toMatchObject({ code: 'log_not_available' });
  expect(problem.detail).toContain('could not be pulled');
  expect(await status('stuck')).toMatchObject({
    phase: 'pending',
    troubled: true,
    pods: [{ phase: 'Pending', reason: 'image_pull_failed', containers: [{ state: 'waiting' }] }],
  });
});

test('a Job that is deleted ends its log', async () => {
  await deploy(jobYaml('cut', 'echo here; sleep 60'));
  const events = await follow('cut');
  const reading = readFollowed(events);
  await until(async () => (await status('cut')).phase === 'running');
  await call(deployer, 'POST', '/delete', { yaml_content: jobYaml('cut', 'x') });
  expect(await reading).toMatchObject({ lines: ['main: here'], end: { outcome: 'deleted' } });
});

test('bytes that are not UTF-8, very long lines and a last line without its end come through', async () => {
  const script = String.raw`printf 'a\377b\n'; head -c 300000 /dev/zero | tr '\0' x; printf '\nlast'`;
  await deploy(jobYaml('bytes', script));
  await finished('bytes');
  const followed = await readFollowed(await follow('bytes'));
  const long = followed.logs.flatMap(({ lines, continues }) =>
    lines.map((line, i) => ({ line, continues: i === 0 && continues === true })),
  );
  const whole: string[] = [];
  for (const { line, continues } of long) {
    if (continues) whole.push(`${whole.pop() ?? ''}${line}`);
    else whole.push(line);
  }
  expect(whole).toEqual(['a\ufffdb', 'x'.repeat(300_000), 'last']);
  expect(Math.max(...long.map(({ line }) => line.length))).toBeLessThan(200_000);
  const plain = await fetch(`${deployer.url}/jobs/bytes/logs`);
  expect(Buffer.from(await plain.arrayBuffer()).subarray(0, 4)).toEqual(
    Buffer.from([0x61, 0xff, 0x62, 0x0a]),
  );
});

test('limits of bytes end a followed log', async () => {
  const followed = await readFollowed(await follow('plain', 'limit_bytes=5'));
  expect(followed.lines).toEqual(['main: 1', 'main: 2', 'main: 3']);
  expect(followed.end).toMatchObject({ outcome: 'limit_reached' });
});

test('readers who leave before their log begins leave nothing behind', async () => {
  const limits = { MAX_LOG_STREAMS: '12', MAX_LOG_STREAMS_PER_USER: '12' };
  const slow = Promise.withResolvers<void>();
  let waiting = 0;
  const authenticate = async (): Promise<Actor> => {
    waiting += 1;
    await slow.promise;
    return authenticateEveryone(undefined);
  };
  const other = await stack.startDeployer(limits, { authenticate });
  await deploy(jobYaml('early', 'sleep 60'));
  const leavers = Array.from({ length: 10 }, () => new AbortController());
  const left = leavers.map((leaver) =>
    fetch(`${other.url}/jobs/early/logs?follow=true`, { signal: leaver.signal }).catch(() => 'left'),
  );
  await until(() => waiting === leavers.length);
  for (const leaver of leavers) leaver.abort();
  expect(await Promise.all(left)).toEqual(leavers.map(() => 'left'));
  slow.resolve();
  const events = await openEvents(other, '/jobs/early/logs?follow=true');
  const metric = async () =>
    /^\S*log_streams\S* (\d+)$/m.exec(await (await fetch(`${other.url}/metrics`)).text())?.[1];
  // With this one they would be more than may be, had they stayed.
  const another = await openEvents(other, '/jobs/early/logs?follow=true');
  await until(async () => (await metric()) === '2');
  events.close();
  another.close();
  await until(async () => (await metric()) === '0');
});

test('only deployed Jobs can be looked into', async () => {
  const path = '/apis/batch/v1/namespaces/default/jobs';
  const spec = {
    template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox' }] } },
  };
  const foreign = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'foreign' }, spec };
  await stack.cluster.api.create(path, foreign);
  for (const what of ['status', 'logs', 'logs?follow=true']) {
    expect(await call(deployer, 'GET', `/jobs/foreign/${what}`)).toMatchObject({ status: 404 });
    expect(await call(deployer, 'GET', `/jobs/unknown/${what}`)).toMatchObject({ status: 404 });
  }
  expect((await problemOf(call(deployer, 'GET', '/jobs/foreign/status'))).detail).toContain(
    'was not deployed',
  );
});

test.each([
  ['/jobs/%2e%2e%2fpods/status', 422],
  ['/jobs/a%2fb/logs', 422],
  ['/jobs/a%00b/logs', 422],
  ['/jobs/UPPER/status', 422],
  ['/jobs/x/status?namespace=..%2fkube-system', 422],
  ['/jobs/x/status?namespace=kube-system', 403],
  ['/jobs/x/logs?tail=-1', 422],
  ['/jobs/x/logs?tail=ten', 422],
  ['/jobs/x/logs?follow=true&previous=true', 422],
  ['/jobs/x/logs?container=A', 422],
  ['/jobs/%zz/logs', 400],
])('GET %s is refused with %i', async (path, expected) => {
  expect((await call(deployer, 'GET', path)).status).toBe(expected);
});

test('an id that is no id of a log is refused', async () => {
  const answer = await deployer.fetch('/jobs/plain/logs?follow=true', {
    headers: { 'last-event-id': 'bm9uc2Vuc2U' },
  });
  expect(answer.status).toBe(422);
});

test('retries of a Job join as they start', async () => {
  const followed = await retried;
  expect(followed.lines).toEqual(['main: attempt', 'main: attempt']);
  expect(new Set(followed.logs.map(({ pod }) => pod)).size).toBe(2);
  expect(followed.end).toMatchObject({ outcome: 'failed' });
  const plain = String((await log('retry')).body);
  expect(plain.match(/\[retry-\w{5}\/main\] attempt\n/g)).toHaveLength(2);
});
