import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DeployAnswer, Problem } from '@cloudemy/contracts';
import type { UnknownObject } from '@cloudemy/k8s';
import { call, expectCall } from '../testing/calls.js';
import { type TestDeployer, TestStack } from '../testing/stack.js';
import { configMapYaml, documents, jobYaml } from '../testing/yaml.js';

let stack: TestStack;
let deployer: TestDeployer;

beforeAll(async () => {
  stack = await TestStack.start();
  deployer = await stack.startDeployer({
    MAX_LIVE_OBJECTS_PER_USER: '3',
    MAX_LIVE_BYTES_PER_USER: '4000',
  });
});

afterAll(() => stack.stop());

const deploy = (yaml: string, more: object = {}) =>
  call(deployer, 'POST', '/deploy', { yaml_content: yaml, namespace: 'default', ...more });
const remove = (yaml: string) =>
  call(deployer, 'POST', '/delete', { yaml_content: yaml, namespace: 'default' });
const problem = async (yaml: string, more: object = {}) => {
  const answer = await deploy(yaml, more);
  return Problem.parse(answer.body);
};

test('a user may have so many objects at a time; deleting makes room', async () => {
  const three = documents(configMapYaml('a'), configMapYaml('b'), configMapYaml('c'));
  expect((await deploy(three)).status).toBe(201);
  expect(await problem(configMapYaml('d'))).toMatchObject({
    status: 409,
    code: 'quota_exceeded',
    detail: expect.stringContaining('4 objects, of which 3 are allowed'),
  });
  expect((await problem(configMapYaml('d'), { dry_run: true })).code).toBe('quota_exceeded');
  // What is there already counts once.
  expect((await deploy(three)).status).toBe(200);
  expect((await remove(three)).status).toBe(200);
  expect((await deploy(configMapYaml('d'))).status).toBe(201);
  await remove(configMapYaml('d'));
});

test('and so many bytes of them', async () => {
  expect(await problem(configMapYaml('large', 'x'.repeat(4_000)))).toMatchObject({
    code: 'quota_exceeded',
    detail: expect.stringContaining('bytes'),
  });
  expect(await stack.database.collection('deployments').countDocuments({ live: true })).toBe(0);
});

test('requests at the same time never get more than one after the other would', async () => {
  const names = ['e', 'f', 'g', 'h', 'i', 'j'];
  const answers = await Promise.all(names.map((name) => deploy(configMapYaml(name))));
  const taken = answers.filter(({ status }) => status === 201).length;
  expect(taken).toBeLessThanOrEqual(3);
  expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
  await Promise.all(names.map((name) => remove(configMapYaml(name))));
});

test('pods get no token of their service account, and a Job the labels of its template', async () => {
  const yaml = jobYaml('plain', 'true').replace(
    '  template:\n',
    '  template:\n    metadata: {labels: {bench: disk}}\n',
  );
  await expectCall(DeployAnswer, 201, deployer, 'POST', '/deploy', {
    yaml_content: yaml,
    namespace: 'default',
  });
  const path = '/apis/batch/v1/namespaces/default/jobs';
  const job = await stack.cluster.api.get<UnknownObject>(`${path}/plain`);
  expect(job).toMatchObject({
    metadata: { labels: { bench: 'disk' } },
    spec: { template: { spec: { automountServiceAccountToken: false } } },
  });
  const { items } = await stack.cluster.api.list(path, { labelSelector: 'bench=disk' });
  expect(items).toHaveLength(1);
});
