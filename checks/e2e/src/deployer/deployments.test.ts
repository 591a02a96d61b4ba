import { until } from '@cloudemy/testing';
import { ProblemAnswer } from '@cloudemy/contracts';
import { afterEach, expect, test } from '@jest/globals';
import {
  type Yaml,
  credentials,
  deployer,
  deployerUrl,
  docsJob,
  docsRequest,
  jobStatus,
  metadata,
  named,
  namespace,
  scriptJob,
} from './scene.js';

const deployed: Yaml[] = [];

const deploy = (body: Yaml) => {
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
      headers: { ...credentials, 'content-type': 'application/json' },
      body: JSON.stringify(docsRequest),
    });
  expect((await post('/deploy')).status).toBe(201);
  // It asks for no restrictions, which a cluster may insist on: then the status must say so.
  await until(async () => {
    const { pods, message } = await jobStatus(docsJob);
    return pods.some(({ phase }) => phase === 'Running') || message.includes('PodSecurity')
      ? true
      : undefined;
  });
  const page = await deployer.listDeployments({ query: { namespace, kind: 'Job' } });
  expect(page.items.some(({ objects }) => objects.some(({ name }) => name === docsJob))).toBe(true);
  expect((await post('/delete')).status).toBe(200);
  const again = await post('/delete');
  expect([200, 404]).toContain(again.status);
});

test('several kinds at once; deploying again updates; deleted by its id, it is gone', async () => {
  const body = {
    namespace,
    yaml_content: [
      `apiVersion: v1\nkind: ConfigMap\nmetadata: ${metadata('settings')}\ndata: {a: "1"}`,
      `apiVersion: v1\nkind: Secret\nmetadata: ${metadata('secret')}\nstringData: {password: e2e-hush}`,
      `apiVersion: v1\nkind: Service\nmetadata: ${metadata('service')}\nspec: {selector: {app: e2e}, ports: [{port: 80}]}`,
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
  const params = { deployment_id: first.deployment_id ?? '' };
  expect(JSON.stringify(await deployer.getDeployment({ params }))).not.toContain('e2e-hush');
  await deployer.deleteDeployment({ params, query: { wait: 'true' } });
  const page = await deployer.listDeployments({ query: { namespace, name: named('settings') } });
  expect(page.items).toEqual([]);
});

test('all that is wrong is said at once, and nothing is changed', async () => {
  const bad = {
    namespace,
    yaml_content: [
      `apiVersion: v1\nkind: ConfigMap\nmetadata: ${metadata('never')}`,
      `apiVersion: v1\nkind: Pod\nmetadata: ${metadata('host')}\nspec:\n  hostNetwork: true\n  containers:\n  - {name: a, image: busybox}`,
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: e2e-elsewhere, namespace: kube-system}',
    ].join('\n---\n'),
  };
  const error = await deployer.deploy({ body: bad }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ProblemAnswer);
  const { problem } = error instanceof ProblemAnswer ? error : { problem: undefined };
  const text = JSON.stringify(problem);
  expect(text).toContain('hostNetwork');
  expect(text).toContain('kube-system');
  const page = await deployer.listDeployments({ query: { namespace, name: named('never') } });
  expect(page.items).toEqual([]);
});

test('an image that cannot be pulled is told in words while the Job waits', async () => {
  const image = 'registry.invalid/no/such:1';
  await deploy(scriptJob('no-image', 'true', image));
  const reason = await until(async () => {
    const { pods } = await jobStatus(named('no-image'));
    return pods[0]?.message?.includes(image) === true ? pods[0].reason : undefined;
  });
  expect(reason).toMatch(/image/i);
});

test('the state of the service is shown', async () => {
  const status = await deployer.getStatus({});
  expect(status).toMatchObject({ cluster: { reachable: true }, database: { reachable: true } });
  for (const path of ['/health', '/docs/', '/openapi.json', '/metrics']) {
    expect([path, (await fetch(`${deployerUrl}${path}`)).status]).toEqual([path, 200]);
  }
});
