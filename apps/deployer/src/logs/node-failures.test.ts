import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '@cloudemy/testing';
import { DeployAnswer, JobStatus, Problem } from '@cloudemy/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { call, expectCall } from '../testing/calls.js';
import { openEvents, readFollowed } from '../testing/events.js';
import { type ClusterProxy, refuseLog } from '../testing/cluster-proxy.js';
import { type TestDeployer, TestStack } from '../testing/stack.js';
import { jobYaml } from '../testing/yaml.js';

let stack: TestStack;
let proxy: ClusterProxy;
let deployer: TestDeployer;

beforeAll(async () => {
  stack = await TestStack.start();
  const way = await stack.proxyToCluster();
  ({ proxy } = way);
  deployer = await stack.startDeployer({ KUBECONFIG: way.kubeconfig });
});

beforeEach(() => {
  proxy.answerLog = () => false;
});

afterAll(() => stack.stop());

const deploy = (yaml: string) =>
  expectCall(DeployAnswer, 201, deployer, 'POST', '/deploy', { yaml_content: yaml, namespace: 'default' });
const status = (job: string) => expectCall(JobStatus, 200, deployer, 'GET', `/jobs/${job}/status`);
const finished = (job: string) => until(async () => (await status(job)).finished);
const follow = (job: string, lastEventId?: string) =>
  openEvents(deployer, `/jobs/${job}/logs?follow=true`, { lastEventId });
const refused = async (job: string) => Problem.parse((await call(deployer, 'GET', `/jobs/${job}/logs`)).body);

/** A script that runs until the test lets it end. */
const untilReleased = (job: string): string =>
  `i=0; until [ -e ${join(stack.folder, job)} ]; do sleep 0.05; done`;
const release = (job: string) => writeFile(join(stack.folder, job), '');

/** Lines of a log, a millisecond each, as the kubelet writes them. */
const linesOf = (from: number, to: number, text: (line: number) => string = String): string =>
  Array.from({ length: to - from + 1 }, (_, index) => {
    const time = new Date(Date.UTC(2026, 0, 1) + from + index).toISOString().replace('Z', '000000Z');
    return `${time} ${text(from + index)}\n`;
  }).join('');
const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `main: ${from + index}`);

const unknownPod = 'the server could not find the requested resource ( pods/log any-x7x2p)';
const lostLog = 'unable to retrieve container logs for containerd://5c7a';

describe('a followed log', () => {
  it('goes on over a restart of the kubelet, which cuts it and then does not know the pod', async () => {
    await deploy(jobYaml('kubelet', 'for i in $(seq 1 20); do echo $i; sleep 0.1; done'));
    let requests = 0;
    proxy.answerLog = (_, response) => {
      requests += 1;
      if (requests === 1)
        response.once('pipe', (log) => log.once('data', () => setImmediate(() => response.destroy())));
      return requests > 1 && requests < 5 ? refuseLog(response, 404, unknownPod) : false;
    };
    const followed = await readFollowed(await follow('kubelet'));
    expect(requests).toBeGreaterThan(4);
    expect(followed).toMatchObject({ lines: numbers(1, 20), gaps: [], end: { outcome: 'succeeded' } });
  });

  it('tells of lines that were lost because its node began a new file', async () => {
    await deploy(jobYaml('rotated', untilReleased('rotated')));
    let requests = 0;
    proxy.answerLog = (_, response) => {
      requests += 1;
      // Left at the end of the first file for ever, as a kubelet does with a reader who was behind.
      if (requests === 1) response.write(linesOf(1, 10));
      else response.end(linesOf(15, 20));
      return true;
    };
    const reading = readFollowed(await follow('rotated'), ({ lines }) => {
      if (lines.length >= 16) void release('rotated');
      return false;
    });
    const followed = await reading;
    expect(followed).toMatchObject({
      lines: [...numbers(1, 10), ...numbers(15, 20)],
      gaps: [
        {
          reason: 'rotated',
          container: 'main',
          after: '2026-01-01T00:00:00.010000000Z',
          before: '2026-01-01T00:00:00.015000000Z',
        },
      ],
      end: { outcome: 'succeeded' },
    });
  });

  it('tells of the same to a reader who comes back', async () => {
    await deploy(jobYaml('again', untilReleased('again')));
    proxy.answerLog = (_, response) => {
      response.write(linesOf(1, 3));
      return true;
    };
    const first = await readFollowed(await follow('again'), ({ lines }) => lines.length === 3);
    proxy.answerLog = (_, response) => {
      response.end(linesOf(7, 8));
      return true;
    };
    await release('again');
    const second = await readFollowed(await follow('again', first.ids.at(-1)));
    expect(second).toMatchObject({ lines: numbers(7, 8), gaps: [{ reason: 'rotated' }] });
  });

  it("never takes the kubelet's words for the program's, and says when the log is lost", async () => {
    await deploy(jobYaml('lost', 'true'));
    await finished('lost');
    proxy.answerLog = (_, response) => {
      response.end(lostLog);
      return true;
    };
    const followed = await readFollowed(await follow('lost'));
    expect(followed).toMatchObject({
      lines: [],
      gaps: [{ reason: 'log_lost' }],
      end: { outcome: 'succeeded' },
    });
  });
});

describe('a log as plain text', () => {
  it("is never the kubelet's own words", async () => {
    await deploy(jobYaml('words', 'true'));
    await finished('words');
    proxy.answerLog = (_, response) => {
      response.end(lostLog);
      return true;
    };
    const problem = await refused('words');
    expect(problem).toMatchObject({ code: 'log_not_available' });
    expect(problem.detail).toContain('Its node has no log of the container any more');
  });

  it('is to be asked for again while its node does not answer, whose address stays untold', async () => {
    await deploy(jobYaml('down', 'true'));
    await finished('down');
    const message =
      'Get "https://10.199.0.1:10250/containerLogs/default/down/main": dial tcp: connection refused';
    proxy.answerLog = (_, response) => refuseLog(response, 500, message);
    const problem = await refused('down');
    expect(problem).toMatchObject({ code: 'unavailable', status: 503 });
    expect(JSON.stringify(problem)).not.toContain('10250');
  });

  it('of a Job whose init container failed names the container whose log says why', async () => {
    const init = `      initContainers:
      - {name: fetch, image: busybox, command: ['sh', '-c', 'echo no such file; exit 7']}
      containers:`;
    await deploy(jobYaml('init', 'true').replace('      containers:', init));
    await finished('init');
    const { detail } = await refused('init');
    expect(detail).toContain('init container fetch exited with code 7');
    expect(detail).toContain('all_containers=true');
    expect(detail).not.toContain('follow=true');
  });

  it('warns of a beginning that is gone', async () => {
    await deploy(jobYaml('cut', 'true'));
    await finished('cut');
    proxy.answerLog = (_, response) => {
      const later = new Date(Date.now() + 60_000).toISOString().replace('Z', '000000Z');
      response.end(`${later} ${'x'.repeat(1_000)}\n`.repeat(64));
      return true;
    };
    const answer = await deployer.fetch('/jobs/cut/logs');
    expect(answer.headers.get('warning')).toMatch(
      /the log of cut-\w{5}\/main begins \d+ s after its container/,
    );
    expect(await answer.text()).toBe(`${'x'.repeat(1_000)}\n`.repeat(64));
    const whole = await deployer.fetch('/jobs/cut/logs?tail=64');
    expect(whole.headers.get('warning')).toBeNull();
    const followed = await readFollowed(await follow('cut'));
    expect(followed.gaps).toMatchObject([{ reason: 'beginning', after: null }]);
  });
});
