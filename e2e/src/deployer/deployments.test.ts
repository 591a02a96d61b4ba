import { ProblemAnswer } from '@cloudemy/contracts';
import { afterEach, expect, test } from '@jest/globals';
import { deployer, deployerUrl, docsRequest, namespace, scriptJob, untilRunning } from './scene.js';

const deployed: { yaml_content: string; namespace: string }[] = [];

const deploy = (body: { yaml_content: string; namespace: string }) => {
  deployed.push(body);
  return deployer.deploy({ body });
};

afterEach(async () => {
  for (const body of deployed.splice(0)) {
    await deployer.deleteByYaml({ body: { ...body, wait: true } }).catch((error: unknown) => {
      if (!(error instanceof ProblemAnswer && error.status === 404)) throw error;
    });
  }
});

test('the request of the documentation works to the letter, and delete takes it back, twice too', async () => {
  deployed.push(docsRequest);
  const post = (path: string) =>
    fetch(`${deployerUrl}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(docsRequest),
    });
  expect((await post('/deploy')).status).toBe(201);
  await untilRunning('test-job');
  const page = await deployer.listDeployments({ query: { namespace, kind: 'Job' } });
  expect(page.items.some(({ objects }) => objects.some(({ name }) => name === 'test-job'))).toBe(true);
  expect((await post('/delete')).status).toBe(200);
  const again = await post('/delete');
  expect([200, 404]).toContain(again.status);
});

test('several kinds at once; deploying again updates, and what others deleted shows as gone', async () => {
  const body = {
    namespace,
    yaml_content: [
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: e2e-settings}\ndata: {a: "1"}',
      'apiVersion: v1\nkind: Secret\nmetadata: {name: e2e-secret}\nstringData: {password: e2e-hush}',
      'apiVersion: v1\nkind: Service\nmetadata: {name: e2e-service}\nspec: {selector: {app: e2e}, ports: [{port: 80}]}',
    ].join('\n---\n'),
  };
  const first = await deploy(body);
  expect(first.objects.map(({ result }) => result)).toEqual(['created', 'created', 'created']);
  const second = await deploy({ ...body, yaml_content: body.yaml_content.replace('"1"', '"2"') });
  expect(second.deployment_id).toBe(first.deployment_id);
  expect(second.objects.map(({ kind, result }) => [kind, result])).toEqual([
    ['ConfigMap', 'updated'],
    // Whether text that becomes data counts as a change is the server's business.
    ['Secret', expect.stringMatching(/^u(pdat|nchang)ed$/)],
    ['Service', 'unchanged'],
  ]);
  const shown = await deployer.getDeployment({ params: { deployment_id: first.deployment_id ?? '' } });
  expect(JSON.stringify(shown)).not.toContain('e2e-hush');
});

test('all that is wrong is said at once, and nothing is changed', async () => {
  const bad = {
    namespace,
    yaml_content: [
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: e2e-never}',
      'apiVersion: v1\nkind: Pod\nmetadata: {name: e2e-host}\nspec:\n  hostNetwork: true\n  containers:\n  - {name: a, image: busybox}',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: e2e-elsewhere, namespace: kube-system}',
    ].join('\n---\n'),
  };
  const error = await deployer.deploy({ body: bad }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ProblemAnswer);
  const { problem } = error instanceof ProblemAnswer ? error : { problem: undefined };
  const text = JSON.stringify(problem);
  expect(text).toContain('hostNetwork');
  expect(text).toContain('kube-system');
  const page = await deployer.listDeployments({ query: { namespace, name: 'e2e-never' } });
  expect(page.items).toEqual([]);
});

test('a Job that fails says why, in its status and at the end of its log', async () => {
  const body = scriptJob('e2e-fails', 'echo first; echo second; exit 3');
  await deploy(body);
  const url = `${deployerUrl}/jobs/e2e-fails/logs?follow=true&namespace=${namespace}`;
  const events = await (await fetch(url)).text();
  expect(events).toContain('first');
  expect(events).toContain('second');
  expect(events).toMatch(/event: end\ndata: .*"outcome":"failed"/);
  const status = await deployer.getJobStatus({ params: { job_name: 'e2e-fails' }, query: { namespace } });
  expect(status).toMatchObject({ phase: 'failed', finished: true });
  expect(status.message).toContain('3');
  const plain = await deployer.getJobLogs({ params: { job_name: 'e2e-fails' }, query: { namespace } });
  expect(plain).toBe('first\nsecond\n');
});

test('an image that cannot be pulled is told in words while the Job waits', async () => {
  const body = scriptJob('e2e-no-image', 'true');
  await deploy({
    ...body,
    yaml_content: body.yaml_content.replace(/image: .*/, 'image: registry.invalid/no/such:1'),
  });
  for (;;) {
    const { pods } = await deployer.getJobStatus({
      params: { job_name: 'e2e-no-image' },
      query: { namespace },
    });
    const message = pods[0]?.message ?? '';
    if (message.includes('registry.invalid/no/such:1')) break;
    await new Promise((resolve) => {
      setTimeout(resolve, 200);
    });
  }
});

test('the state of the service is shown', async () => {
  const status = await deployer.getStatus({});
  expect(status).toMatchObject({ cluster: { reachable: true }, database: { reachable: true } });
  expect((await fetch(`${deployerUrl}/health`)).status).toBe(200);
});
