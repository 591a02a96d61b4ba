import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { JOBS, PODS, type Pod, readJob, resourcePath } from '@cloudemy/k8s';
import { ProblemError } from '@cloudemy/service';
import { explainFailedStart } from './ending.js';
import { TerminalClient } from './testing/terminal-client.js';
import { TerminalBench, type TerminalHost, everybody, deploymentId } from './testing/terminal-host.js';

let bench: TerminalBench;
let host: TerminalHost;

beforeAll(async () => {
  bench = await TerminalBench.start();
  await bench.runJob('sleeper');
  await bench.untilReady('sleeper');
});
afterAll(() => bench.close());
beforeEach(async () => {
  host = await bench.serve();
});
afterEach(() => host.close());

const open = (
  job_name = 'sleeper',
  options: { shell?: string; pod_name?: string; container_name?: string } = {},
) => host.api.createTerminal({ body: { job_name, shell: '/bin/sh', ...options } });

const refusal = (status: number, code: string, words: RegExp) => ({
  status,
  problem: expect.objectContaining({ code, detail: expect.stringMatching(words) }),
});

async function podOf(job: string): Promise<Pod> {
  const { items } = await bench.kube.listAll<Pod>(resourcePath(PODS, { namespace: 'default' }));
  const pod = items.find(({ metadata }) => metadata.labels?.['job-name'] === job);
  if (pod === undefined) throw new Error(`no pod of ${job}`);
  return pod;
}

const container = (name: string, script = 'sleep 3600') => ({
  name,
  image: 'busybox',
  command: ['sh', '-c', script],
});

describe('the shell', () => {
  it('must be one of those allowed', async () => {
    await expect(open('sleeper', { shell: '/usr/bin/python3' })).rejects.toMatchObject(
      refusal(422, 'invalid_request', /\/bin\/bash, \/bin\/sh/),
    );
  });

  it('is another one when the image lacks the one that was asked for', async () => {
    await host.close();
    host = await bench.serve({ TERMINAL_SHELLS: ['/bin/no-such-shell', '/bin/sh'] });
    expect(await open('sleeper', { shell: '/bin/no-such-shell' })).toMatchObject({ shell: '/bin/sh' });
  });

  it('is asked for in vain when the image has none', async () => {
    await host.close();
    host = await bench.serve({ TERMINAL_SHELLS: ['/bin/no-such-shell', '/bin/nor-this-one'] });
    await expect(host.api.createTerminal({ body: { job_name: 'sleeper' } })).rejects.toMatchObject(
      refusal(409, 'shell_unavailable', /no such file/i),
    );
    expect(host.feature.terminals.count).toBe(0);
  });

  it('ends with its session, and takes what it runs along', async () => {
    const { session_id, websocket_url } = await open();
    const client = await TerminalClient.connect(websocket_url);
    client.type('sh -c "echo pids: $$ \\$\\$ .; exec sleep 1000"\n');
    await client.until(/pids: \d+ \d+ \./);
    const pids = /pids: (\d+) (\d+) \./.exec(client.bytes.toString())?.slice(1) ?? [];
    const session = host.feature.terminals.get(everybody, session_id);
    await host.api.endTerminal({ params: { session_id } });
    await session.terminal.released;
    const next = await TerminalClient.connect((await open()).websocket_url);
    next.type(
      `for pid in ${pids.join(' ')}; do while kill -0 $pid 2>/dev/null; do :; done; done; echo go""ne\n`,
    );
    await next.until('gone');
  });
});

describe('stopping', () => {
  it('waits for the shells of sessions that have ended just before', async () => {
    const { session_id } = await open();
    const { terminal } = host.feature.terminals.get(everybody, session_id);
    let isGone = false;
    void terminal.released.then(() => {
      isGone = true;
    });
    await host.api.endTerminal({ params: { session_id } });
    await host.feature.stop();
    expect(isGone).toBe(true);
  });
});

describe('the pod', () => {
  it('must belong to a Job that is there', async () => {
    await expect(open('nobody')).rejects.toMatchObject(refusal(404, 'not_found', /nobody/));
    await expect(open('sleeper', { pod_name: 'other' })).rejects.toMatchObject(
      refusal(404, 'not_found', /no pod other; it has sleeper-/),
    );
  });

  it('must run', async () => {
    await bench.runJob('finished', { containers: [container('main', 'true')] });
    await bench.runJob('unpullable', { containers: [{ name: 'main', image: 'nobody.example/nothing' }] });
    await expect(open('unpullable')).rejects.toMatchObject(refusal(409, 'pod_not_running', /.+/));
    for (let pod = await podOf('finished'); pod.status?.phase !== 'Succeeded';) pod = await podOf('finished');
    await expect(open('finished')).rejects.toMatchObject(refusal(409, 'pod_not_running', /has finished/));
  });

  it('may leave a choice of containers: without one, that of kubectl is taken', async () => {
    await bench.runJob('pair', { containers: [container('one'), container('two')] });
    await bench.untilReady('pair');
    expect(await open('pair')).toMatchObject({ container_name: 'one' });
    const { metadata } = await podOf('pair');
    const byQuery = await host.api.openJobTerminal({
      params: { job_name: 'pair' },
      query: { container_name: 'two', pod_name: metadata.name, shell: '/bin/sh' },
    });
    expect(byQuery).toMatchObject({ container_name: 'two', pod_name: metadata.name });
    await expect(open('pair', { container_name: 'three' })).rejects.toMatchObject(
      refusal(404, 'not_found', /no container three; it has one, two/),
    );
    expect(await open('pair', { container_name: 'two' })).toMatchObject({
      job_name: 'pair',
      container_name: 'two',
      namespace: 'default',
      deployment_id: deploymentId,
    });
  });

  it('tells whoever is at the terminal that its container has ended, or that it is gone itself', async () => {
    await bench.runJob('mortal', {
      containers: [container('main', 'sleep 1000 & echo $! > /tmp/main; wait')],
    });
    await bench.untilReady('mortal');
    const doomed = await TerminalClient.connect((await open('mortal')).websocket_url);
    const pod = await podOf('mortal');
    await bench.kube.delete(resourcePath(PODS, { namespace: 'default', name: pod.metadata.name }), {
      gracePeriodSeconds: 0,
    });
    expect(await doomed.frame('exit')).toMatchObject({ reason: 'pod_gone' });
    expect(await doomed.closed).toMatchObject({ code: 4003 });

    await bench.runJob('brief', { containers: [container('main', 'sleep 4')] });
    await bench.untilReady('brief');
    const brief = await TerminalClient.connect((await open('brief')).websocket_url);
    expect(await brief.frame('exit')).toMatchObject({ reason: 'container_ended' });
    expect(await brief.closed).toMatchObject({ code: 4004 });
  });
});

describe('sessions', () => {
  it('are listed newest first, page by page, and ended one by one or by Job', async () => {
    const ids = [await open(), await open(), await open()].map(({ session_id }) => session_id).reverse();
    const first = await host.api.listTerminals({ query: { limit: 2, job_name: 'sleeper' } });
    expect(first.items.map(({ session_id }) => session_id)).toEqual(ids.slice(0, 2));
    const cursor = first.next_cursor ?? '';
    const second = await host.api.listTerminals({ query: { limit: 2, job_name: 'sleeper', cursor } });
    expect(second).toMatchObject({ items: [{ session_id: ids[2] }], next_cursor: null });
    expect(await host.api.listTerminals({ query: { job_name: 'other' } })).toMatchObject({ items: [] });
    const [newest = ''] = ids;
    expect(await host.api.endTerminal({ params: { session_id: newest } })).toMatchObject({ ended: [newest] });
    await expect(host.api.endTerminal({ params: { session_id: newest } })).rejects.toMatchObject({
      status: 404,
    });
    const rest = await host.api.endJobTerminals({ params: { job_name: 'sleeper' } });
    expect(rest.ended).toEqual(ids.slice(1));
    expect(await host.api.listTerminals({})).toMatchObject({ items: [] });
  });

  it('have no cap for one person where nobody signs in, and there everybody is one', () => {
    expect(host.feature.terminals.limitPerUser).toBe(host.feature.terminals.limit);
  });

  it('have a cap, for one person and in all', async () => {
    await host.close();
    host = await bench.serve({ TERMINAL_MAX_SESSIONS: 3, TERMINAL_MAX_SESSIONS_PER_USER: 2 });
    const opened = await Promise.allSettled([open(), open(), open()]);
    expect(opened.map(({ status }) => status).sort()).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    await expect(open()).rejects.toMatchObject(refusal(429, 'too_many_sessions', /2 terminals/));
    await host.api.endJobTerminals({ params: { job_name: 'sleeper' } });
    await open();
    await host.close();
    host = await bench.serve({ TERMINAL_MAX_SESSIONS: 1 });
    await open();
    await expect(open()).rejects.toMatchObject(refusal(429, 'too_many_sessions', /All 1/));
  });

  it.each([
    ['ended', 4000, 'session_ended', () => host.api.endJobTerminals({ params: { job_name: 'sleeper' } })],
    ['idle', 4001, 'idle_timeout', async () => host.feature.terminals.sweep(Date.now() + 901_000)],
    [
      'too old',
      4002,
      'time_limit',
      async () => host.feature.terminals.sweep(Date.now() + 8 * 3_600_000 + 1_000),
    ],
    ['shut down', 1001, 'shutting_down', () => host.feature.stop()],
  ])('that are %s say so', async (_what, code, reason, act) => {
    const client = await TerminalClient.connect((await open()).websocket_url, 'binary');
    await client.frame('ready');
    host.feature.terminals.sweep(Date.now() + 899_000);
    await act();
    expect(await client.frame('exit')).toMatchObject({ reason, exit_code: null });
    expect(await client.closed).toMatchObject({ code });
  });

  it('are refused with what became of the pod when it ends while a shell is started', async () => {
    const { metadata } = await podOf('sleeper');
    const target = {
      namespace: 'default',
      jobName: 'sleeper',
      podName: metadata.name ?? '',
      podUid: metadata.uid ?? '',
      containerName: 'main',
      restarts: 0,
    };
    const lost = new ProblemError('cluster_error', { detail: 'the server closed the session' });
    expect(await explainFailedStart(bench.kube, target, lost)).toBe(lost);
    const replaced = { ...target, podUid: 'of an earlier pod' };
    expect(await explainFailedStart(bench.kube, replaced, lost)).toMatchObject({ code: 'pod_not_running' });
    const other = new ProblemError('shell_unavailable', { detail: 'it has none' });
    expect(await explainFailedStart(bench.kube, replaced, other)).toBe(other);
  });

  it('end when their Job may not be looked into any more, and only then', async () => {
    await bench.runJob('orphaning');
    await bench.untilReady('orphaning');
    const lost = await TerminalClient.connect((await open('orphaning')).websocket_url);
    await open();
    await bench.kube.delete(resourcePath(JOBS, { namespace: 'default', name: 'orphaning' }), {
      propagationPolicy: 'Orphan',
    });
    while ((await readJob(bench.kube, 'default', 'orphaning')) !== undefined) await sleep(50);
    await host.feature.terminals.recheckJobs();
    expect(await lost.frame('exit')).toMatchObject({ reason: 'access_lost' });
    expect(await lost.closed).toMatchObject({ code: 4007 });
    expect(await host.api.listTerminals({})).toMatchObject({ items: [{ job_name: 'sleeper' }] });
  });

  it('are kept on record: who, where, when, how much, and why it ended', async () => {
    const { session_id, pod_name, websocket_url } = await open();
    const client = await TerminalClient.connect(websocket_url);
    client.type('exit 5\n');
    await client.closed;
    await host.close();
    host = await bench.serve();
    const records = await bench.audit.find({ session_id }).sort({ _id: 1 }).lean();
    const common = { pod_name, job_name: 'sleeper', shell: '/bin/sh', user_id: everybody.actor.userId };
    expect(records.map(({ event }) => event).sort()).toEqual([
      'terminal_attached',
      'terminal_detached',
      'terminal_ended',
      'terminal_opened',
    ]);
    expect(records).toEqual(records.map(() => expect.objectContaining(common)));
    expect(records.find(({ event }) => event === 'terminal_opened')).toMatchObject({ address: '127.0.0.1' });
    expect(records.find(({ event }) => event === 'terminal_ended')).toMatchObject({
      reason: 'shell_exited',
      exit_code: 5,
      bytes_in: 7,
    });
  });
});

describe('the address of a session', () => {
  it.each([
    ['of the request', undefined, {}, (port: number) => `ws://127.0.0.1:${port}/terminal/`],
    [
      'of the proxy in front',
      undefined,
      { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'bench.example' },
      () => 'wss://bench.example/terminal/',
    ],
    [
      'that is configured',
      'https://bench.example/deployer/',
      {},
      () => 'wss://bench.example/deployer/terminal/',
    ],
  ])('is that %s', async (_what, PUBLIC_URL, headers, expected) => {
    await host.close();
    host = await bench.serve({ PUBLIC_URL });
    const body = { job_name: 'sleeper', shell: '/bin/sh' };
    const { session_id, websocket_url } = await host.api.createTerminal({ body }, { headers });
    expect(websocket_url).toBe(`${expected(host.server.port)}${session_id}`);
  });
});
