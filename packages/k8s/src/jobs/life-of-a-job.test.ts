import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KubeApiError } from '../cluster/errors.js';
import { JOBS, PODS, resourcePath } from '../cluster/resource-path.js';
import { openExec } from '../exec/open-exec.js';
import { LogUnavailableError } from '../logs/log-error.js';
import { openLog } from '../logs/open-log.js';
import type { Job, JobSpec, Pod } from '../objects/types.js';
import { checkPermissions } from '../permissions/check-permissions.js';
import { startTestCluster, type TestCluster } from '../testing/test-cluster.js';
import { type ResourceWatch, watchResource } from '../watch/watch-resource.js';
import { describeJob } from './describe-job.js';
import { createJob, deleteJob, findPods, ownedPods } from './job-api.js';
import { readJobEvents } from './job-events.js';
import type { JobOutcome } from './outcome.js';

const NAMESPACE = 'default';

describe('the life of a Job in an embedded cluster', () => {
  let cluster: TestCluster;
  let jobs: ResourceWatch<Job>;
  let pods: ResourceWatch<Pod>;
  let changed = Promise.withResolvers<void>();

  beforeAll(async () => {
    cluster = await startTestCluster();
    const tell = () => {
      changed.resolve();
      changed = Promise.withResolvers<void>();
    };
    const handlers = { onAdd: tell, onUpdate: tell, onDelete: tell };
    jobs = watchResource<Job>(cluster.api, { path: resourcePath(JOBS), ...handlers });
    pods = watchResource<Pod>(cluster.api, { path: resourcePath(PODS), ...handlers });
    await Promise.all([jobs.synced, pods.synced]);
  });

  afterAll(async () => {
    await Promise.all([jobs.stop(), pods.stop()]);
    await cluster.close();
  });

  async function run(name: string, container: object, spec: Partial<JobSpec> = {}) {
    const { job } = await createJob(cluster.api, NAMESPACE, {
      metadata: { name },
      spec: {
        backoffLimit: 0,
        ...spec,
        template: {
          spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox', ...container }] },
        },
      },
    });
    return job;
  }

  const sh = (script: string) => ({ command: ['sh', '-c', script] });

  /** Waits, change by change, until the Job is in a state that fits; jest ends a wait without success. */
  async function until(job: Job, fits: (outcome: JobOutcome) => boolean): Promise<JobOutcome> {
    for (;;) {
      const next = changed.promise;
      const current = jobs.objects.get(`${NAMESPACE}/${job.metadata.name ?? ''}`);
      if (current !== undefined) {
        const outcome = describeJob(current, ownedPods(pods.objects.values(), current.metadata.uid ?? ''));
        if (fits(outcome)) return outcome;
      }
      await next;
    }
  }

  async function podOf(job: Job): Promise<string> {
    const [pod] = await findPods(cluster.api, job);
    if (pod?.metadata.name === undefined) throw new Error('the Job has no pod');
    return pod.metadata.name;
  }

  it('succeeds, its log followed from before the start to the end', async () => {
    const job = await run('success', sh('for i in 1 2 3; do echo line $i; sleep 0.1; done'));
    await until(job, ({ phase }) => phase !== 'pending');
    const log = await openLog(cluster.api, { namespace: NAMESPACE, pod: await podOf(job), follow: true });
    expect(await text(log)).toBe('line 1\nline 2\nline 3\n');
    expect(await until(job, ({ phase }) => phase === 'succeeded')).toMatchObject({ reason: 'completed' });
  });

  it.each<[string, object, Partial<JobSpec>, Partial<JobOutcome>]>([
    ['exit-code', sh('exit 3'), {}, { phase: 'failed', reason: 'exit_code', exitCode: 3 }],
    [
      'signal',
      sh("sh -c 'kill -SEGV $$$$'; exit $?"),
      {},
      { phase: 'failed', reason: 'killed_by_signal', signal: 'SIGSEGV' },
    ],
    ['no-command', { command: ['/no/such/binary'] }, {}, { phase: 'failed', reason: 'start_error' }],
    [
      'deadline',
      sh('sleep 60'),
      { activeDeadlineSeconds: 1 },
      { phase: 'failed', reason: 'deadline_exceeded' },
    ],
    [
      'no-secret',
      { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'absent', key: 'k' } } }] },
      {},
      { phase: 'pending', reason: 'secret_missing', canHeal: true },
    ],
    [
      'bad-image',
      { image: 'Bad_Image::NAME' },
      {},
      { phase: 'pending', reason: 'image_name_invalid', canHeal: false },
    ],
    [
      'too-big',
      { resources: { requests: { cpu: '10000' } } },
      {},
      { phase: 'pending', reason: 'unschedulable', canHeal: true },
    ],
    ['asleep', sh('true'), { suspend: true }, { phase: 'suspended', reason: 'suspended' }],
  ])('ends, or waits, with a reason: %s', async (name, container, spec, expected) => {
    const job = await run(name, container, spec);
    expect(
      await until(job, ({ phase, reason }) => phase === expected.phase && reason === expected.reason),
    ).toMatchObject(expected);
    await deleteJob(cluster.api, NAMESPACE, name);
  });

  it('is told why its pod could not be created by its events', async () => {
    const { job } = await createJob(cluster.api, NAMESPACE, {
      metadata: { name: 'no-account' },
      spec: {
        template: {
          spec: {
            restartPolicy: 'Never',
            serviceAccountName: 'absent',
            containers: [{ name: 'm', image: 'busybox' }],
          },
        },
      },
    });
    let outcome = describeJob(job, []);
    while (outcome.reason === 'waiting_for_pod') {
      await new Promise((resolve) => setTimeout(resolve, 20));
      outcome = describeJob(job, [], await readJobEvents(cluster.api, job, []));
    }
    expect(outcome).toMatchObject({ phase: 'pending', reason: 'service_account_missing', canHeal: true });
  });

  it('has no log yet while its container waits', async () => {
    const job = await run('no-log', {
      env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'absent', key: 'k' } } }],
    });
    await until(job, ({ reason }) => reason === 'secret_missing');
    const error = await openLog(cluster.api, { namespace: NAMESPACE, pod: await podOf(job) }).catch(
      (error: unknown) => error,
    );
    expect(error).toBeInstanceOf(LogUnavailableError);
    expect(error).toMatchObject({
      code: 'waiting',
      waitingReason: 'CreateContainerConfigError',
      canWait: true,
    });
  });

  describe('while it runs', () => {
    let target: { namespace: string; pod: string };

    beforeAll(async () => {
      const job = await run('shell', sh('sleep 600'));
      await until(job, ({ phase }) => phase === 'running');
      target = { namespace: NAMESPACE, pod: await podOf(job) };
    });

    it('takes commands, input and a terminal', async () => {
      const paste = randomBytes(1024 * 1024);
      const cat = await openExec(cluster.api, { ...target, command: ['cat'] });
      cat.end(paste);
      expect(Buffer.compare(Buffer.concat(await cat.toArray()), paste)).toBe(0);
      expect(await cat.exited).toMatchObject({ exitCode: 0 });
      const script = 'read first; stty size; exit 9';
      const shell = await openExec(cluster.api, { ...target, command: ['sh', '-c', script], tty: true });
      shell.resize(123, 45);
      shell.write('go\n');
      expect(await text(shell)).toBe('go\r\n45 123\r\n');
      expect(await shell.exited).toMatchObject({ exitCode: 9 });
    });

    it('says what is wrong with a session', async () => {
      const open = async (options: object) =>
        openExec(cluster.api, { ...target, command: ['true'], ...options }).catch((error: unknown) => error);
      const unknown = await open({ container: 'nope' });
      expect(unknown).toBeInstanceOf(KubeApiError);
      expect(unknown).toMatchObject({ status: 400, message: expect.stringContaining('nope') });
      expect(await open({ pod: 'absent' })).toMatchObject({ status: 404 });
      const missing = await openExec(cluster.api, { ...target, command: ['/bin/no-such-shell'] });
      missing.resume();
      expect(await missing.exited).toMatchObject({ started: false });
    });
  });

  it('asks for permissions', async () => {
    const [permission] = await checkPermissions(cluster.api, [
      { verb: 'create', group: 'batch', resource: 'jobs', namespace: NAMESPACE },
    ]);
    expect(permission).toMatchObject({ allowed: true });
  });
});
