import { until } from '@cloudemy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DeleteAnswer, DeployAnswer, Deployment, DeploymentPage, Problem } from '@cloudemy/contracts';
import { isNotFound, type UnknownObject } from '@cloudemy/k8s';
import { call, expectCall } from '../testing/calls.js';
import { type TestDeployer, TestStack } from '../testing/stack.js';
import { configMapYaml, documents, jobYaml, secretYaml } from '../testing/yaml.js';

let stack: TestStack;
let deployer: TestDeployer;

beforeAll(async () => {
  stack = await TestStack.start();
  deployer = await stack.startDeployer();
});

afterAll(() => stack.stop());

const deploy = (yaml: string, more: object = {}) =>
  call(deployer, 'POST', '/deploy', { yaml_content: yaml, namespace: 'default', ...more });
const deployed = (yaml: string, status = 201, more: object = {}) =>
  expectCall(DeployAnswer, status, deployer, 'POST', '/deploy', {
    yaml_content: yaml,
    namespace: 'default',
    ...more,
  });
const refused = async (yaml: string, status: number, more: object = {}) => {
  const answer = await deploy(yaml, more);
  expect(answer).toMatchObject({ status });
  return Problem.parse(answer.body);
};
const deleted = (yaml: string, more: object = {}) =>
  expectCall(DeleteAnswer, 200, deployer, 'POST', '/delete', {
    yaml_content: yaml,
    namespace: 'default',
    ...more,
  });
const see = (id: string | null) => expectCall(Deployment, 200, deployer, 'GET', `/deployments/${id}`);

const configMaps = '/api/v1/namespaces/default/configmaps';
const inCluster = (path: string) => stack.cluster.api.get<UnknownObject>(path);
const isThere = (path: string) =>
  inCluster(path).then(
    () => true,
    (error: unknown) => {
      if (isNotFound(error)) return false;
      throw error;
    },
  );

const podsOf = async (job: string) =>
  (
    await stack.cluster.api.list('/api/v1/namespaces/default/pods', {
      labelSelector: `batch.kubernetes.io/job-name=${job}`,
    })
  ).items;

test('the request of the requirements deploys a Job that runs, to the letter', async () => {
  const body =
    '{"yaml_content": "apiVersion: batch/v1\\nkind: Job\\nmetadata:\\n  name: test-job\\nspec:\\n  template:\\n    spec:\\n      containers:\\n      - name: test\\n        image: busybox\\n        command: [\'sh\', \'-c\', \'sleep 3600\']\\n      restartPolicy: Never", "namespace": "default"}';
  const answer = await deployer.fetch('/deploy', {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  });
  expect(answer.status).toBe(201);
  const { deployment_id: id, objects } = DeployAnswer.parse(await answer.json());
  expect(answer.headers.get('location')).toBe(`/deployments/${id}`);
  expect(objects).toMatchObject([{ kind: 'Job', name: 'test-job', document: 1, result: 'created' }]);
  await until(async () => (await see(id)).state === 'active');

  const job = await inCluster('/apis/batch/v1/namespaces/default/jobs/test-job');
  expect(job.metadata.labels).toMatchObject({
    'app.kubernetes.io/managed-by': 'cloudemy-deployer',
    'cloudemy.io/deployment-id': id,
  });

  const again = await expectCall(DeployAnswer, 200, deployer, 'POST', '/deploy', JSON.parse(body));
  expect(again).toMatchObject({ deployment_id: id, objects: [{ result: 'unchanged' }] });

  const gone = await expectCall(DeleteAnswer, 200, deployer, 'POST', '/delete', JSON.parse(body));
  // Its pod has some seconds to end in: until then it is not gone.
  expect(gone).toMatchObject({ complete: false, deployments: [id], objects: [{ result: 'deleting' }] });
  expect(await see(id)).toMatchObject({ state: 'deleting', objects: [{ state: 'terminating' }] });
  // Which nobody here waits for: its shell has no trap, and would be given the 30 s of a pod that says nothing else.
  for (const { metadata } of await podsOf('test-job')) {
    const pod = `/api/v1/namespaces/default/pods/${metadata.name}`;
    await stack.cluster.api.delete(pod, { gracePeriodSeconds: 0 });
  }
  await expectCall(DeleteAnswer, 200, deployer, 'POST', '/delete', { ...JSON.parse(body), wait: true });
  await until(async () => (await see(id)).deleted_at !== null);
  expect(await podsOf('test-job')).toEqual([]);
  const repeated = await expectCall(DeleteAnswer, 200, deployer, 'POST', '/delete', JSON.parse(body));
  expect(repeated).toMatchObject({ complete: true, objects: [{ result: 'already_gone' }] });
});

test('waiting answers when the pods are gone too', async () => {
  await deployed(jobYaml('waited', 'sleep 60'));
  await until(async () => (await podsOf('waited')).length === 1);
  expect(await deleted(jobYaml('waited', 'sleep 60'), { wait: true })).toMatchObject({ complete: true });
  expect(await podsOf('waited')).toEqual([]);
});

test('several documents, a List and an empty one; the same set again updates', async () => {
  const list = `apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: in-list}\n`;
  const yaml = (value: string) =>
    documents(configMapYaml('several', value), '# empty', list, secretYaml('several', 'x'));
  const first = await deployed(yaml('one'), 201, { name: 'Several things' });
  expect(first.objects.map(({ kind, name, document }) => [kind, name, document])).toEqual([
    ['ConfigMap', 'several', 1],
    ['ConfigMap', 'in-list', 3],
    ['Secret', 'several', 4],
  ]);
  const second = await deployed(yaml('two'), 200);
  expect(second.deployment_id).toBe(first.deployment_id);
  expect(second.name).toBe('Several things');
  expect(second.objects.map(({ result }) => result)).toEqual(['updated', 'unchanged', 'unchanged']);
  expect(await inCluster(`${configMaps}/several`)).toMatchObject({ data: { key: 'two' } });
  expect(await see(first.deployment_id)).toMatchObject({ state: 'active', namespace: 'default' });
  await expectCall(DeleteAnswer, 200, deployer, 'DELETE', `/deployments/${first.deployment_id}?wait=true`);
  expect(await see(first.deployment_id)).toMatchObject({ state: 'deleted' });
  expect(await isThere(`${configMaps}/in-list`)).toBe(false);
});

test('a dry run changes nothing', async () => {
  const answer = await deployed(configMapYaml('dry'), 200, { dry_run: true });
  expect(answer).toMatchObject({ deployment_id: null, dry_run: true, objects: [{ result: 'created' }] });
  expect(await isThere(`${configMaps}/dry`)).toBe(false);
  expect((await call(deployer, 'POST', '/delete', { yaml_content: configMapYaml('dry') })).status).toBe(404);
});

test('everything that is wrong is told at once, with document, line and path, and nothing is changed', async () => {
  const privileged = jobYaml('bad-job', 'true').replace(
    'image: busybox',
    'image: busybox\n        securityContext: {privileged: true}',
  );
  const misspelt = configMapYaml('misspelt').replace('\ndata:', '\ndatum:');
  const problem = await refused(
    documents(
      configMapYaml('good'),
      privileged,
      misspelt,
      'apiVersion: v1\nkind: Nonsense\nmetadata: {name: x}',
      'a: b: c',
    ),
    422,
  );
  expect(problem.code).toBe('invalid_manifest');
  expect(problem.errors?.map(({ document, path }) => [document, path])).toEqual([
    [2, 'spec.template.spec.containers[0].securityContext.privileged'],
    [3, 'datum'],
    [4, 'kind'],
    [5, ''],
  ]);
  expect(problem.errors?.every(({ line = 0, column = 0 }) => line > 0 && column > 0)).toBe(true);
  expect(await isThere(`${configMaps}/good`)).toBe(false);
});

test('and also when the name is bad', async () => {
  const job = jobYaml('Bad_Name', 'true').replace(
    'restartPolicy: Never',
    'restartPolicy: Never\n      hostNetwork: true\n      volumes: [{name: v, hostPath: {path: /}}]',
  );
  const problem = await refused(job, 422);
  expect(problem.errors?.map(({ path }) => path)).toEqual([
    'metadata.name',
    'spec.template.spec.hostNetwork',
    'spec.template.spec.volumes[0].hostPath',
  ]);
});

test('a number where text belongs is told once, with what to do', async () => {
  const env = 'image: busybox\n        env: [{name: THREADS, value: 8}]';
  const problem = await refused(jobYaml('threads', 'true').replace('image: busybox', env), 422);
  expect(problem.errors).toMatchObject([{ reason: 'must be text: put it in quotes: "8"' }]);
  expect(problem.detail.match(/env/g)).toHaveLength(1);
});

test('an object that was exported from a cluster is deployed without what the cluster had added', async () => {
  const yaml = configMapYaml('exported').replace(
    'metadata:',
    'metadata:\n  uid: 0b3c\n  resourceVersion: "17"\n  creationTimestamp: "2026-01-01T00:00:00Z"',
  );
  const { objects } = await deployed(yaml);
  expect(objects[0]?.warnings[0]).toMatch(/exported from a cluster: metadata.uid, metadata.resourceVersion/);
  expect((await deleted(yaml)).complete).toBe(true);
});

test('two texts that share an object are told so, and each is answered with its own numbers', async () => {
  const one = documents(configMapYaml('first'), configMapYaml('shared'));
  const two = documents(configMapYaml('second'), configMapYaml('third'), configMapYaml('shared', 'z'));
  expect((await deployed(one)).message).toBe('2 created.');
  const joined = await deployed(two, 200);
  expect(joined.message).toMatch(/ConfigMap\/shared was in the deployment [0-9a-f]{24} \(first\) already/);
  expect((await deployed(two, 200)).message).toBe('3 unchanged.');
  const gone = await deleted(one);
  expect(Object.fromEntries(gone.objects.map(({ name, document }) => [name, document]))).toEqual({
    first: 1,
    shared: 2,
  });
  await deleted(two);
});

test.each([
  ['not YAML', 'a: [', 422],
  ['a tab', 'apiVersion: v1\n\tkind: ConfigMap', 422],
  ['a duplicate key', 'kind: ConfigMap\nkind: ConfigMap\napiVersion: v1\nmetadata: {name: x}', 422],
  [
    'an alias bomb',
    `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'.replace(/./g, (c) => `${c}: &${c} [${`*${String.fromCharCode(c.charCodeAt(0) - 1)},`.repeat(9)}]\n`)}`,
    422,
  ],
  ['10 MB', `# ${'x'.repeat(10_000_000)}`, 413],
  ['more than the YAML limit', `# ${'x'.repeat(1_100_000)}`, 413],
  ['5,000 documents', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n---\n'.repeat(5_000), 422],
  ['a custom tag', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: !evil x}', 422],
  ['a list', '- 1\n- 2', 422],
  ['a string', 'hello', 422],
  ['nothing', '', 422],
  ['no kind', 'apiVersion: v1\nmetadata: {name: x}', 422],
  ['a kind the policy forbids', 'apiVersion: v1\nkind: Namespace\nmetadata: {name: x}', 422],
  ['a name that is none', configMapYaml('../evil'), 422],
  ['another namespace', configMapYaml('x').replace('metadata:', 'metadata:\n  namespace: kube-system'), 422],
  ['the same object twice', documents(configMapYaml('x'), configMapYaml('x')), 422],
  [
    'our own labels',
    configMapYaml('x').replace('metadata:', 'metadata:\n  labels: {cloudemy.io/deployment-id: x}'),
    422,
  ],
])('YAML that is %s is refused in words', async (_, yaml, status) => {
  const problem = await refused(yaml, status);
  expect(problem.detail.length).toBeGreaterThan(20);
});

test.each([
  ['a field too many', { yaml_content: 'x', more: 1 }, 422],
  ['a number for YAML', { yaml_content: 1 }, 422],
  ['no YAML', {}, 422],
  ['a namespace that is a path', { yaml_content: 'x', namespace: '../kube-system' }, 422],
  ['a namespace with NUL', { yaml_content: 'x', namespace: 'a\0b' }, 422],
  ['a namespace not served', { yaml_content: configMapYaml('x'), namespace: 'kube-system' }, 403],
])('a request with %s is refused', async (_, body, status) => {
  expect(await call(deployer, 'POST', '/deploy', body)).toMatchObject({ status });
  expect(await call(deployer, 'POST', '/delete', body)).toMatchObject({ status });
});

test('what others made is left alone, unless it is taken over by force', async () => {
  const foreign = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'foreign' },
    data: { key: 'theirs' },
  };
  await stack.cluster.api.create(configMaps, foreign, { fieldManager: 'somebody' });
  const problem = await refused(configMapYaml('foreign', 'theirs'), 409);
  expect(problem).toMatchObject({ code: 'object_conflict', errors: [{ document: 1 }] });
  expect((await refused(configMapYaml('foreign', 'ours'), 409)).detail).toMatch(/somebody.*force/);
  const answer = await deployed(configMapYaml('foreign', 'ours'), 201, { force: true });
  expect(await see(answer.deployment_id)).toMatchObject({ objects: [{ taken_over: true, state: 'active' }] });
  expect(await inCluster(`${configMaps}/foreign`)).toMatchObject({ data: { key: 'ours' } });
  await deleted(configMapYaml('foreign', 'ours'));
  expect(await isThere(`${configMaps}/foreign`)).toBe(false);
});

test('force opens no way around the policy, nor into what belongs to others', async () => {
  const job = (name: string, labels: Record<string, string>, dangers: object = {}) => {
    const podSpec = { restartPolicy: 'Never', containers: [{ name: 'a', image: 'busybox' }], ...dangers };
    const object = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name, labels },
      spec: { suspend: true, template: { spec: podSpec } },
    };
    return stack.cluster.api.create('/apis/batch/v1/namespaces/default/jobs', object);
  };
  await job('theirs', { 'app.kubernetes.io/managed-by': 'cloudemy-scheduler' });
  await job('dangerous', {}, { hostNetwork: true });
  const bare = (name: string) => `apiVersion: batch/v1\nkind: Job\nmetadata: {name: ${name}}\n`;
  expect((await refused(bare('theirs'), 409, { force: true })).detail).toContain('cloudemy-scheduler');
  const problem = await deploy(bare('dangerous'), { force: true });
  expect(problem.status).toBe(422);
  expect(JSON.stringify(problem.body)).toContain('hostNetwork');
});

test('an object belongs to one deployment; a part of it can be deleted', async () => {
  const both = documents(configMapYaml('shared'), configMapYaml('other'));
  const first = await deployed(both);
  expect(await deleted(configMapYaml('shared'))).toMatchObject({
    objects: [{ name: 'shared' }],
    complete: true,
  });
  expect(await see(first.deployment_id)).toMatchObject({ state: 'active', objects: [{ name: 'other' }] });
  const second = await deployed(configMapYaml('shared'));
  expect(second.deployment_id).not.toBe(first.deployment_id);
  const problem = await refused(both, 409);
  expect(JSON.stringify(problem.errors)).toContain(first.deployment_id);
  const answer = await deleted(both);
  expect(answer.deployments).toHaveLength(2);
  expect(await isThere(`${configMaps}/other`)).toBe(false);
});

test('YAML that grows or shrinks updates its deployment, and keeps what it no longer names', async () => {
  const first = await deployed(configMapYaml('grows'));
  const grown = await deployed(documents(configMapYaml('grows'), configMapYaml('grown')), 200);
  expect(grown.deployment_id).toBe(first.deployment_id);
  expect(grown.objects.map(({ result }) => result)).toEqual(['unchanged', 'created']);
  const shrunk = await deployed(configMapYaml('grows', 'changed'), 200);
  expect(shrunk.objects.map(({ name, result }) => [name, result])).toEqual([['grows', 'updated']]);
  const { objects } = await see(first.deployment_id);
  expect(objects.map(({ name }) => name)).toEqual(expect.arrayContaining(['grown', 'grows']));
  await expectCall(DeleteAnswer, 200, deployer, 'DELETE', `/deployments/${first.deployment_id}?wait=true`);
  expect(await isThere(`${configMaps}/grown`)).toBe(false);
});

test('what was deleted or replaced behind our back is shown so, and never deleted for another', async () => {
  const yaml = documents(configMapYaml('behind-a'), configMapYaml('behind-b'));
  const { deployment_id: id } = await deployed(yaml);
  await stack.cluster.api.delete(`${configMaps}/behind-a`);
  expect(await see(id)).toMatchObject({
    state: 'partly_gone',
    objects: [{ state: 'gone' }, { state: 'active' }],
  });
  const theirs = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'behind-a' },
    data: { mine: 'yes' },
  };
  await stack.cluster.api.create(configMaps, theirs);
  expect((await see(id)).objects.map(({ state }) => state)).toEqual(['replaced', 'active']);
  const answer = await deleted(yaml);
  expect(answer.objects.map(({ result }) => result)).toEqual(['replaced', 'deleted']);
  expect(await inCluster(`${configMaps}/behind-a`)).toMatchObject({ data: { mine: 'yes' } });
  await stack.cluster.api.delete(`${configMaps}/behind-a`);
});

test('a label taken off does not hide an object', async () => {
  const { deployment_id: id } = await deployed(configMapYaml('unlabelled'));
  await stack.cluster.api.patch(
    `${configMaps}/unlabelled`,
    { metadata: { labels: { 'cloudemy.io/deployment-id': null } } },
    'application/merge-patch+json',
  );
  expect(await see(id)).toMatchObject({ state: 'active' });
  await deleted(configMapYaml('unlabelled'));
});

test('a field that cannot be changed is told with what to do', async () => {
  await deployed(jobYaml('fixed', 'sleep 60'));
  const problem = await refused(jobYaml('fixed', 'sleep 61'), 422);
  expect(problem.errors?.[0]).toMatchObject({ document: 1 });
  expect(problem.detail).toMatch(/delete the object first/);
  await deleted(jobYaml('fixed', 'sleep 60'), { wait: true });
});

test('generated names: each time another object, all deleted together', async () => {
  const yaml = jobYaml('x', 'sleep 60').replace('name: x', 'generateName: gen-');
  const first = await deployed(yaml);
  const second = await deployed(yaml, 200);
  expect(second.deployment_id).toBe(first.deployment_id);
  const names = [first, second].map(({ objects }) => objects.at(-1)?.name ?? '');
  expect(new Set(names).size).toBe(2);
  const inventory = async () => (await see(first.deployment_id)).objects.map(({ name }) => name);
  expect(await inventory()).toEqual(names);
  const [gone = '', kept = ''] = names;
  await stack.cluster.api.delete(`/apis/batch/v1/namespaces/default/jobs/${gone}`, {
    propagationPolicy: 'Background',
  });
  await until(async () => (await see(first.deployment_id)).state === 'partly_gone');
  const third = await deployed(yaml, 200);
  expect(await inventory()).toEqual([kept, third.objects.at(-1)?.name]);
  expect(await deleted(yaml, { wait: true })).toMatchObject({ complete: true, objects: [{}, {}] });
});

test('lists are narrowed and paged', async () => {
  const ids: (string | null)[] = [];
  for (const name of ['page-a', 'page-b', 'page-c'])
    ids.unshift((await deployed(configMapYaml(name))).deployment_id);
  const page = (query: string) => expectCall(DeploymentPage, 200, deployer, 'GET', `/deployments?${query}`);
  const first = await page('limit=2&kind=ConfigMap');
  const second = await page(`limit=2&kind=ConfigMap&cursor=${first.next_cursor}`);
  expect([...first.items, ...second.items].map((item) => item.deployment_id).slice(0, 3)).toEqual(ids);
  expect((await page('name=page-b')).items).toMatchObject([{ deployment_id: ids[1] }]);
  expect((await page('namespace=elsewhere')).items).toEqual([]);
  const full = await page('name=page-b&limit=1');
  expect(await page(`name=page-b&limit=1&cursor=${full.next_cursor}`)).toEqual({
    items: [],
    next_cursor: null,
  });
  expect((await page('state=gone')).items).toEqual([]);
  await stack.cluster.api.delete(`${configMaps}/page-c`);
  expect((await page('state=gone&limit=1')).items).toMatchObject([{ deployment_id: ids[0] }]);
  expect((await call(deployer, 'GET', `/deployments?limit=2&cursor=${first.next_cursor}`)).status).toBe(422);
  for (const bad of ['limit=0', 'cursor=nonsense', 'state=odd', 'more=1']) {
    expect((await call(deployer, 'GET', `/deployments?${bad}`)).status).toBe(422);
  }
  for (const id of ids) await expectCall(DeleteAnswer, 200, deployer, 'DELETE', `/deployments/${id}`);
  expect((await page('state=deleted')).items.map((item) => item.deployment_id)).toEqual(
    expect.arrayContaining(ids),
  );
  expect((await call(deployer, 'GET', `/deployments/${'0'.repeat(24)}`)).status).toBe(404);
  expect((await call(deployer, 'DELETE', '/deployments/nonsense')).status).toBe(422);
});

test('a Secret leaves no trace in database, log or answers', async () => {
  const value = 'hunter2-very-secret';
  const answers = [
    await deploy(secretYaml('hidden', value)),
    await deploy(secretYaml('hidden', value)),
    await deploy(documents(secretYaml('hidden-b', value).replace('stringData', 'data'), configMapYaml('x'))),
    await call(deployer, 'GET', '/deployments'),
    await call(deployer, 'POST', '/delete', { yaml_content: secretYaml('hidden', value) }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([201, 200, 422, 200, 200]);
  const stored = await stack.database.collection('deployments').find().toArray();
  const traces = JSON.stringify([answers.map(({ body }) => body), stored, deployer.logLines]);
  for (const trace of [value, Buffer.from(value).toString('base64')]) expect(traces).not.toContain(trace);
});

test('two requests for the same at the same time: one deployment, and no 500', async () => {
  const answers = await Promise.all(Array.from({ length: 6 }, () => deploy(configMapYaml('race'))));
  expect(answers.every(({ status }) => [200, 201, 409].includes(status))).toBe(true);
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  await deleted(configMapYaml('race'));
});
