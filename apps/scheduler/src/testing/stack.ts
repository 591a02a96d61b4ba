import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TcpRelay, until } from '@cloudemy/testing';
import { type QueuePayload, queueJobId, runnerJobName, submissionChannel } from '@cloudemy/contracts';
import { type Cluster, type Job, JOBS, connectCluster, readJob, resourcePath } from '@cloudemy/k8s';
import { type LocalCluster, startLocalCluster } from '@cloudemy/emulator-cluster';
import { type StartedRedis, startRedis } from '@cloudemy/emulator-stack';
import { Lifecycle, createLogger } from '@cloudemy/service';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { startScheduler } from '../start.js';
import { FakeBackend } from './fake-backend.js';
import { newId } from './fixtures.js';
import { testConfig } from './test-config.js';

const namespace = 'default';

const runs = (name: string, ...entrypoint: string[]) => ({
  pattern: `test/${name}:*`,
  image: { entrypoint },
});

/** What stands in for the runner: it needs only to end, or not to. */
const images = [
  {
    pattern: 'cloudemy/runner:*',
    image: { entrypoint: ['sh', '-c', 'trap "exit 0" TERM; sleep 3600 & wait'] },
  },
  runs('ends-well', 'true'),
  runs('breaks', 'sh', '-c', 'echo the runner broke; exit 1'),
  runs('misconfigured', 'sh', '-c', 'exit 78'),
];

/** A scheduler under test, in this process. */
export interface TestScheduler {
  /** Of its health and metrics. */
  url: string;
  /** Status and body of `/readyz`. */
  ready: () => Promise<string>;
  stop: () => Promise<boolean>;
}

/** Everything a scheduler needs: a Redis, a cluster, and a fake of the backend, all over real sockets. */
export class TestStack {
  readonly queue: Queue;
  private readonly schedulers: TestScheduler['stop'][] = [];

  readonly redis: StartedRedis;
  readonly local: LocalCluster;
  readonly backend: FakeBackend;
  readonly cluster: Cluster;
  /** The way of the schedulers to the API server, and to the backend. */
  readonly toCluster: TcpRelay;
  readonly toBackend: TcpRelay;
  readonly connection: Redis;
  readonly folder: string;

  private constructor(
    redis: StartedRedis,
    local: LocalCluster,
    backend: FakeBackend,
    cluster: Cluster,
    toCluster: TcpRelay,
    toBackend: TcpRelay,
    connection: Redis,
    folder: string,
  ) {
    this.redis = redis;
    this.local = local;
    this.backend = backend;
    this.cluster = cluster;
    this.toCluster = toCluster;
    this.toBackend = toBackend;
    this.connection = connection;
    this.folder = folder;

    this.queue = new Queue('submissions', { connection, prefix: 'queue' });
  }

  static async start(): Promise<TestStack> {
    const folder = await mkdtemp(join(tmpdir(), 'scheduler-test-'));
    const [redis, local, backend] = await Promise.all([
      startRedis(),
      startLocalCluster({ folder, images, isolation: 'plain' }),
      FakeBackend.start(),
    ]);
    const cluster = connectCluster({ kubeconfig: local.kubeconfigPath });
    await cluster.api.create(`/api/v1/namespaces/${namespace}/secrets`, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'cloudemy-llm' },
      stringData: { 'api-key': 'not a real one' },
    });
    const toCluster = await TcpRelay.before(local.url);
    const toBackend = await TcpRelay.before(backend.url);
    const kubeconfig = await readFile(local.kubeconfigPath, 'utf8');
    await writeFile(join(folder, 'relayed'), kubeconfig.replaceAll(local.url, toCluster.url));
    const connection = new Redis(redis.url, { maxRetriesPerRequest: null });
    return new TestStack(redis, local, backend, cluster, toCluster, toBackend, connection, folder);
  }

  /**
   * Starts a scheduler and waits until it takes messages.
   *
   * @param kubeconfig of the administrator, by way of the relay, when left out
   */
  async scheduler(
    env: Record<string, string> = {},
    kubeconfig = join(this.folder, 'relayed'),
  ): Promise<TestScheduler> {
    const config = testConfig({
      REDIS_URL: this.redis.url,
      BACKEND_INTERNAL_URL: this.toBackend.url,
      RESYNC_INTERVAL_MS: '500',
      RESULT_GRACE_MS: '200',
      MISSING_JOB_GRACE_MS: '200',
      ...env,
    });
    const log = createLogger('scheduler', config.LOG_LEVEL);
    const lifecycle = new Lifecycle(log, 10_000);
    const cluster = connectCluster({ kubeconfig });
    const stop = (): Promise<boolean> => lifecycle.stop('the test is over');
    this.schedulers.push(stop);
    const port = await startScheduler({ config, cluster, log, lifecycle });
    const url = `http://127.0.0.1:${port}`;
    const ready = async (): Promise<string> => {
      const answer = await fetch(`${url}/readyz`);
      return `${answer.status} ${await answer.text()}`;
    };
    return { url, ready, stop };
  }

  /** A kubeconfig that leads through another relay. */
  async kubeconfigBy(relay: TcpRelay): Promise<string> {
    const file = join(this.folder, `by-${new URL(relay.url).port}`);
    const kubeconfig = await readFile(this.local.kubeconfigPath, 'utf8');
    await writeFile(file, kubeconfig.replaceAll(this.local.url, relay.url));
    return file;
  }

  /** Stops the schedulers of a test, and forgets its submissions and what is on the queue. */
  async reset(): Promise<void> {
    // A test that failed may have left them cut.
    for (const link of [this.toCluster, this.toBackend]) link.restore();
    await Promise.all(this.schedulers.splice(0).map((stop) => stop()));
    await this.queue.obliterate({ force: true });
    this.backend.submissions.clear();
    this.backend.reports.length = 0;
    this.backend.deadLetters.length = 0;
    this.backend.rateLimited = 0;
    this.backend.hold = null;
    this.backend.probes = 0;
    this.backend.claimSizes.length = 0;
    await Promise.all((await this.jobs()).map((job) => this.deleteJob(job.metadata.name ?? '')));
    await until(async () => (await this.jobs()).length === 0);
  }

  async stop(): Promise<void> {
    await this.reset();
    await this.queue.close();
    this.connection.disconnect();
    await this.cluster.close();
    await Promise.all([this.toCluster.close(), this.toBackend.close()]);
    await Promise.all([this.local.close(), this.redis.close(), this.backend.close()]);
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Stores a submission and puts it on the queue, as the backend does. */
  async submit(submissionId = newId(), attempt = 1, priority = 0): Promise<string> {
    this.backend.submissions.set(submissionId, { attempt, status: 'queued' });
    await this.enqueue(submissionId, attempt, priority);
    return submissionId;
  }

  async enqueue(submissionId: string, attempt = 1, priority = 0): Promise<void> {
    const payload: QueuePayload = {
      submission_id: submissionId,
      attempt,
      user_id: 'a'.repeat(24),
      enqueued_at: new Date().toISOString(),
      request_id: `request-of-${submissionId}`,
    };
    await this.queue.add('submission', payload, {
      jobId: queueJobId(submissionId, attempt),
      ...(priority === 0 ? {} : { priority }),
    });
  }

  /** Cancels as the backend does: the truth first, then the hint. */
  async cancel(submissionId: string): Promise<void> {
    const stored = this.backend.submissions.get(submissionId);
    if (stored === undefined) throw new Error(`no submission ${submissionId}`);
    stored.status = 'cancelled';
    await this.hint(submissionId);
  }

  /** Tells over Redis that it was cancelled, whether it was or not. */
  async hint(submissionId: string): Promise<void> {
    const attempt = this.backend.submissions.get(submissionId)?.attempt ?? 1;
    const hint = { submission_id: submissionId, attempt, status: 'cancelled', seq: 2 };
    await this.connection.publish(submissionChannel, JSON.stringify(hint));
  }

  async jobs(): Promise<Job[]> {
    return (await this.cluster.api.listAll<Job>(resourcePath(JOBS, { namespace }))).items;
  }

  job(submissionId: string, attempt = 1): Promise<Job | undefined> {
    return readJob(this.cluster.api, namespace, runnerJobName(submissionId, attempt));
  }

  async deleteJob(name: string): Promise<void> {
    await this.cluster.api.delete(resourcePath(JOBS, { namespace, name })).catch(() => {});
  }

  /** How many messages are waiting, active or delayed. */
  async pending(): Promise<number> {
    const counts = await this.queue.getJobCounts('waiting', 'active', 'delayed', 'prioritized');
    return Object.values(counts).reduce((sum, count) => sum + count, 0);
  }
}
