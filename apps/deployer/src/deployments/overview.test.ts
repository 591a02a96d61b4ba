import { until } from '@cloudemy/testing';
import { DeleteAnswer, DeployAnswer, Deployment, JobStatus } from '@cloudemy/contracts';
import { type Job, deleteJob, readJob } from '@cloudemy/k8s';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { expectCall } from '../testing/calls.js';
import { type TestDeployer, TestStack } from '../testing/stack.js';
import { configMapYaml, documents, jobYaml } from '../testing/yaml.js';

let stack: TestStack;
let deployer: TestDeployer;

beforeAll(async () => {
  stack = await TestStack.start();
  deployer = await stack.startDeployer({
    ALLOWED_KINDS: 'Job.batch,CronJob.batch,ConfigMap,Deployment.apps',
  });
});

afterAll(() => stack.stop());

const body = (yaml: string) => ({ yaml_content: yaml, namespace: 'default' });
const deploy = async (yaml: string): Promise<string> => {
  const answer = await expectCall(DeployAnswer, 201, deployer, 'POST', '/deploy', body(yaml));
  return answer.deployment_id ?? '';
};
const see = (id: string) => expectCall(Deployment, 200, deployer, 'GET', `/deployments/${id}`);
const status = (job: string) => expectCall(JobStatus, 200, deployer, 'GET', `/jobs/${job}/status`);
/** The first object, once it is in this state. */
async function objectIn(id: string, state: string) {
  await until(async () => (await see(id)).objects[0]?.state === state);
  const [object] = (await see(id)).objects;
  return object;
}

const noImage = 'image: registry.invalid/no/such:image';

test('a Job whose image cannot be pulled is troubled, for the reason that its status gives', async () => {
  const id = await deploy(jobYaml('nopull', 'true').replace('image: busybox', noImage));
  const object = await objectIn(id, 'troubled');
  expect(object?.message).toContain('could not be pulled');
  const { reason } = await status('nopull');
  expect(reason).toBe('image_pull_failed');
  const deployment = await see(id);
  expect(deployment).toMatchObject({ state: 'troubled' });
  expect(deployment.message).toContain('could not be pulled');
});

test('a failed Job says how its container ended, not only that it failed', async () => {
  const id = await deploy(jobYaml('fails', 'exit 3'));
  expect((await objectIn(id, 'failed'))?.message).toBe('container main exited with code 3');
});

test('replicas that are not ready say why', async () => {
  const id = await deploy(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, ${noImage}}
`);
  const object = await objectIn(id, 'troubled');
  expect(object?.message).toMatch(/^0 of 1 replicas are ready: the image .* could not be pulled/);
});

test('a suspended Job is not "all of it is there"', async () => {
  const id = await deploy(jobYaml('asleep', 'true', '\n  suspend: true'));
  await objectIn(id, 'suspended');
  expect(await see(id)).toMatchObject({ state: 'suspended', message: expect.stringContaining('Job asleep') });
});

test('the runs of a CronJob are listed, with names by which their logs can be read', async () => {
  const id = await deploy(`
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly}
spec:
  schedule: '0 3 1 1 *'
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: busybox}]}}}}
`);
  const [cron] = (await see(id)).objects;
  expect(cron).toMatchObject({ state: 'active', runs: [], last_scheduled_at: null });
  const run: Job = {
    metadata: {
      name: 'nightly-29400000',
      ownerReferences: [
        { apiVersion: 'batch/v1', kind: 'CronJob', name: 'nightly', uid: cron?.uid ?? '', controller: true },
      ],
    },
    spec: {
      backoffLimit: 0,
      template: {
        spec: {
          restartPolicy: 'Never',
          containers: [{ name: 'a', image: 'busybox', command: ['sh', '-c', 'exit 5'] }],
        },
      },
    },
  };
  await stack.cluster.api.create('/apis/batch/v1/namespaces/default/jobs', {
    apiVersion: 'batch/v1',
    kind: 'Job',
    ...run,
  });
  await until(async () => (await see(id)).objects[0]?.runs?.[0]?.state === 'failed');
  const [object] = (await see(id)).objects;
  expect(object?.runs).toMatchObject([
    { job_name: 'nightly-29400000', message: 'container a exited with code 5' },
  ]);
  expect((await status('nightly-29400000')).deployment_id).toBe(id);
});

test('a Job that its time to live removed was not deleted by somebody else', async () => {
  const id = await deploy(jobYaml('ttl', 'true', '\n  ttlSecondsAfterFinished: 3600'));
  const job = await readJob(stack.cluster.api, 'default', 'ttl');
  // What the cluster does when the time has come.
  await deleteJob(stack.cluster.api, 'default', 'ttl', { uid: job?.metadata.uid });
  const object = await objectIn(id, 'gone');
  expect(object?.message).toContain('its time to live ended');
  expect(await see(id)).toMatchObject({
    state: 'gone',
    message: expect.not.stringContaining('somebody else'),
  });
});

test('a Job deleted alone is a part of its deployment until its pods are gone', async () => {
  const id = await deploy(documents(configMapYaml('stays'), jobYaml('leaves', 'trap "" TERM; sleep 60')));
  await until(async () => (await status('leaves')).phase === 'running');
  const answer = await expectCall(
    DeleteAnswer,
    200,
    deployer,
    'POST',
    '/delete',
    body(jobYaml('leaves', 'x')),
  );
  expect(answer).toMatchObject({ complete: false, objects: [{ result: 'deleting' }] });
  await until(async () => (await see(id)).objects.length === 1);
  expect(await see(id)).toMatchObject({ state: 'active', objects: [{ name: 'stays', state: 'active' }] });
});

test('a Job that restarts its container in place says why it failed, though its pod is gone', async () => {
  const inPlace = jobYaml('in-place', 'exit 7').replace('Never', 'OnFailure');
  const id = await deploy(inPlace);
  // The Job controller deletes the pod with the Job's end.
  await until(async () => {
    const { phase, pods } = await status('in-place');
    return phase === 'failed' && pods.length === 0;
  });
  await until(async () => (await status('in-place')).reason === 'exit_code');
  expect((await objectIn(id, 'failed'))?.message).toBe('container main exited with code 7');
});
