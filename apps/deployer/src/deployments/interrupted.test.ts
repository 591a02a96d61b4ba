import { DeleteAnswer, DeployAnswer, Problem } from '@cloudemy/contracts';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { expectCall } from '../testing/calls.js';
import type { ClusterProxy } from '../testing/cluster-proxy.js';
import { type TestDeployer, TestStack } from '../testing/stack.js';
import { configMapYaml } from '../testing/yaml.js';

let stack: TestStack;
let deployer: TestDeployer;
let proxy: ClusterProxy;

beforeAll(async () => {
  stack = await TestStack.start();
  const proxied = await stack.proxyToCluster();
  proxy = proxied.proxy;
  deployer = await stack.startDeployer({
    ALLOWED_KINDS: 'Job.batch,ConfigMap',
    KUBECONFIG: proxied.kubeconfig,
  });
});
afterAll(() => stack.stop());

const body = { yaml_content: configMapYaml('broken-off'), namespace: 'default' };
const post = (path: '/deploy' | '/delete') =>
  deployer.fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const refused = async (path: '/deploy' | '/delete') => {
  const answer = await post(path);
  return { retryAfter: answer.headers.get('retry-after'), problem: Problem.parse(await answer.json()) };
};

test.each([429, 500, 503])(
  'what the cluster breaks off with %s is a 503 that says what exists, and the same again works',
  async (status) => {
    proxy.failsChanges = status;
    const deployed = await refused('/deploy');
    expect(deployed).toMatchObject({
      retryAfter: '2',
      problem: { status: 503, code: 'deploy_interrupted', objects: [{ result: 'failed' }] },
    });
    proxy.failsChanges = undefined;
    // 200 where it was left open whether the cluster had it: then a record of it was kept.
    const again = await post('/deploy');
    expect(DeployAnswer.parse(await again.json())).toMatchObject({ objects: [{ result: 'created' }] });

    proxy.failsChanges = status;
    const deleted = await refused('/delete');
    expect(deleted).toMatchObject({
      retryAfter: '2',
      problem: { status: 503, code: 'delete_interrupted', objects: [{ result: 'failed' }] },
    });
    proxy.failsChanges = undefined;
    const gone = await expectCall(DeleteAnswer, 200, deployer, 'POST', '/delete', body);
    expect(gone).toMatchObject({ complete: true });
  },
);
