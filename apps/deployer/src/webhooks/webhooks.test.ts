import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { WebhookCreated, WebhookMessage } from '@cloudemy/contracts';
import { until } from '@cloudemy/testing';
import { startReceiver } from '@cloudemy/webhooks/testing';
import { type TestDeployer, TestStack } from '../testing/stack.js';
import { jobYaml } from '../testing/yaml.js';

let stack: TestStack;
let deployer: TestDeployer;
let target: Awaited<ReturnType<typeof startReceiver>>;

beforeAll(async () => {
  target = await startReceiver();
  stack = await TestStack.start();
  deployer = await stack.startDeployer({ WEBHOOK_PRIVATE_NETWORKS: '127.0.0.0/8' });
});
afterAll(async () => {
  await stack.stop();
  await target.close();
});

const send = (method: string, path: string, body: object) =>
  deployer.fetch(path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

test('tells of a deployment, of the end of its Job, and of its deletion', async () => {
  const events = ['deployment.deployed', 'deployment.deleted', 'job.ended'];
  const made = await send('POST', '/webhooks', { url: target.url, events });
  WebhookCreated.parse(await made.json());
  const yaml = { yaml_content: jobYaml('told', 'exit 0'), namespace: 'default' };
  expect((await send('POST', '/deploy', yaml)).status).toBe(201);
  const told = () => target.received.map(({ body }) => WebhookMessage.parse(JSON.parse(body)));
  await until(() => told().length === 2);
  expect(told().find(({ type }) => type === 'job.ended')?.data).toMatchObject({
    job_name: 'told',
    namespace: 'default',
    state: 'succeeded',
  });
  await send('POST', '/delete', yaml);
  await until(() =>
    told().some(({ type, data }) => type === 'deployment.deleted' && data['name'] === 'told'),
  );
  const ofBackend = await send('POST', '/webhooks', { url: target.url, events: ['submission.graded'] });
  expect(ofBackend.status).toBe(422);
});
