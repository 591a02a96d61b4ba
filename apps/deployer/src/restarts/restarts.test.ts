import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TcpRelay } from '@cloudemy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DeploymentPage, TerminalSession } from '@cloudemy/contracts';
import { readObject } from '@cloudemy/k8s';
import { call, expectCall } from '../testing/calls.js';
import { type Followed, openEvents, readFollowed } from '../testing/events.js';
import { TestStack } from '../testing/stack.js';
import { configMapYaml, jobYaml } from '../testing/yaml.js';
import { TerminalClient } from '../terminals/testing/terminal-client.js';
import { RunningDeployer } from '../testing/running-deployer.js';

/** Starting a process again and again takes its time on a busy machine. */
const timeoutMs = 180_000;
const againMs = 100;

let stack: TestStack;
let deployer: RunningDeployer;
beforeAll(async () => {
  stack = await TestStack.start();
  deployer = await RunningDeployer.start({
    MONGO_URL: stack.mongo.uri,
    KUBECONFIG: stack.local.kubeconfigPath,
    AUTH_MODE: 'off',
  });
}, timeoutMs);
afterAll(async () => {
  await deployer.end('SIGKILL');
  await stack.stop();
});

/** Asks again while there is nobody to answer, or the answer says to come again. */
async function untilAnswered<T extends { status: number }>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined && answer.status !== 503) return answer;
    await sleep(againMs);
  }
}

const deploy = (yaml: string) =>
  untilAnswered(() => call(deployer, 'POST', '/deploy', { yaml_content: yaml, namespace: 'default' }));

/** Two restarts, with something going on before, between and after them. */
async function restartTwice(isEnough: (round: number) => boolean): Promise<(number | null)[]> {
  const codes: (number | null)[] = [];
  for (let round = 1; round <= 2; round += 1) {
    while (!isEnough(round)) await sleep(againMs);
    codes.push(await deployer.restart());
  }
  return codes;
}

test(
  'deploying goes on through restarts: what was acknowledged is there, once',
  async () => {
    const acknowledged: string[] = [];
    const refused: unknown[] = [];
    const over = new AbortController();
    const lane = async (lane: number): Promise<void> => {
      for (let n = 0; !over.signal.aborted; n += 1) {
        const name = `restart-${lane}-${n}`;
        const { status, body } = await deploy(configMapYaml(name));
        if (status === 200 || status === 201) acknowledged.push(name);
        else refused.push(body);
      }
    };
    const lanes = Promise.all([lane(0), lane(1), lane(2)]);
    expect(await restartTwice((round) => acknowledged.length >= round * 10)).toEqual([0, 0]);
    over.abort();
    await lanes;
    expect(refused).toEqual([]);
    for (const name of acknowledged) {
      const found = { group: '', version: 'v1', resource: 'configmaps', namespace: 'default', name };
      expect(await readObject(stack.cluster.api, found)).toBeDefined();
    }
    const names: string[] = [];
    for (let cursor = ''; ;) {
      const page = await expectCall(DeploymentPage, 200, deployer, 'GET', `/deployments?limit=100${cursor}`);
      names.push(...page.items.filter(({ state }) => state === 'active').map(({ name }) => name));
      if (page.next_cursor === null) break;
      cursor = `&cursor=${page.next_cursor}`;
    }
    expect(names.toSorted()).toEqual(acknowledged.toSorted());
  },
  timeoutMs,
);

test(
  'a log that is followed through restarts misses and repeats nothing, and its reader is told to come again',
  async () => {
    const enough = join(stack.folder, 'enough');
    const script = `i=0; while [ ! -e ${enough} ]; do echo line $i; i=$((i+1)); sleep 0.05; done; echo last`;
    await deploy(jobYaml('talks', script));
    const read: string[] = [];
    const ends: (string | undefined)[] = [];
    const lines = { seen: 0 };
    const follow = async (): Promise<void> => {
      let lastEventId: string | undefined;
      const take = (so: Followed): boolean => {
        lastEventId = so.ids.at(-1) ?? lastEventId;
        lines.seen = read.length + so.lines.length;
        return false;
      };
      while (!ends.includes('succeeded')) {
        const path = '/jobs/talks/logs?follow=true';
        const events = await openEvents(deployer, path, { lastEventId }).catch(() => undefined);
        if (events === undefined) await sleep(againMs);
        else {
          const so = await readFollowed(events, take);
          read.push(...so.lines);
          ends.push(so.end?.outcome);
          await sleep(againMs);
        }
      }
    };
    const followed = follow();
    expect(await restartTwice((round) => ends.length >= round - 1 && lines.seen >= round * 20)).toEqual([
      0, 0,
    ]);
    while (ends.length < 2 || lines.seen < 60) await sleep(againMs);
    await writeFile(enough, '');
    await followed;
    // More often when a reader comes back to one that is still stopping.
    expect(ends.length).toBeGreaterThan(2);
    expect(ends).toEqual([...ends.slice(0, -1).map(() => 'shutdown'), 'succeeded']);
    const counted = read.slice(0, -1).map((_, n) => `main: line ${n}`);
    expect(read).toEqual([...counted, 'main: last']);
  },
  timeoutMs,
);

test(
  'a terminal ends with a restart and says so; another is opened and works',
  async () => {
    await deploy(jobYaml('sleeps', 'sleep 3600'));
    const open = async (): Promise<TerminalClient> => {
      const body = { job_name: 'sleeps', namespace: 'default', shell: '/bin/sh' };
      for (;;) {
        const answer = await untilAnswered(() => call(deployer, 'POST', '/terminal/create', body));
        if (answer.status === 201) {
          return TerminalClient.connect(TerminalSession.parse(answer.body).websocket_url, 'binary');
        }
        // Its pod is still starting.
        await sleep(againMs);
      }
    };
    const first = await open();
    first.type('echo still $((40+2))\n');
    await first.until('still 42');
    expect(await deployer.restart()).toBe(0);
    expect(await first.frame('exit')).toMatchObject({
      reason: 'shutting_down',
      message: expect.stringContaining('Open a new one'),
      exit_code: null,
    });
    expect((await first.closed).code).toBe(1001);
    const late = await TerminalClient.connect(first.socket.url, 'binary');
    expect((await late.closed).code).toBe(4404);
    const second = await open();
    second.type('echo again $((40+2))\n');
    await second.until('again 42');
    second.socket.close();
  },
  timeoutMs,
);

test(
  'told to end when MongoDB and the cluster are out of reach, it ends well, and its terminals are told',
  async () => {
    const toMongo = await TcpRelay.before(stack.mongo.uri);
    const { relay: toCluster, kubeconfig } = await stack.relayToCluster();
    const alone = await RunningDeployer.start({
      MONGO_URL: toMongo.url,
      KUBECONFIG: kubeconfig,
      AUTH_MODE: 'off',
    });
    const body = { job_name: 'sleeps', namespace: 'default', shell: '/bin/sh' };
    const { websocket_url: url } = await expectCall(
      TerminalSession,
      201,
      alone,
      'POST',
      '/terminal/create',
      body,
    );
    const terminal = await TerminalClient.connect(url, 'binary');
    await terminal.frame('ready');
    toMongo.cut();
    toCluster.cut();
    expect(await alone.end('SIGTERM')).toBe(0);
    expect((await terminal.closed).code).toBeGreaterThan(1000);
    await toMongo.close();
  },
  timeoutMs,
);

test('a deployment whose deployer was killed while it deployed is let go of in seconds, and can be deleted', async () => {
  const { proxy, kubeconfig } = await stack.proxyToCluster();
  const env = { MONGO_URL: stack.mongo.uri, KUBECONFIG: kubeconfig, AUTH_MODE: 'off' };
  const killed = await RunningDeployer.start(env);
  proxy.holdsChanges = true;
  const body = { yaml_content: configMapYaml('half-way'), namespace: 'default' };
  const cut = call(killed, 'POST', '/deploy', body).catch(() => 'cut');
  const list = (of: RunningDeployer) =>
    expectCall(DeploymentPage, 200, of, 'GET', '/deployments?name=half-way');
  while ((await list(killed)).items[0]?.state !== 'deploying') await sleep(againMs);
  await killed.end('SIGKILL');
  expect(await cut).toBe('cut');
  proxy.holdsChanges = false;
  const next = await RunningDeployer.start(env);
  // While the dead one still counts as alive, it is in the way.
  expect((await call(next, 'POST', '/delete', body)).status).toBe(409);
  for (;;) {
    const { status } = await call(next, 'POST', '/delete', body);
    if (status === 200) break;
    expect(status).toBe(409);
    await sleep(againMs);
  }
  expect((await list(next)).items).toEqual([]);
  await next.end('SIGTERM');
}, 60_000);
