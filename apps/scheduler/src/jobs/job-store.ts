import { type CreatedJob, type KubeApi, type Job, createJob, deleteJob, readJob } from '@cloudemy/k8s';
import type { Config } from '../config.js';
import type { ClaimedAttempt } from '../create/manifest-types.js';
import { buildRunnerJob } from '../create/manifest.js';
import { isRunnerJob } from './runner-jobs.js';
import { Semaphore } from '../concurrency/semaphore.js';

/**
 * Requests to the API server that change something, at a time: as many as keep a server busy (16 do), and half as many
 * again, so that it need not wait while we deal with its answers. More make it no faster, and thousands of
 * cancellations at once would open as many connections.
 */
const requestsAtATime = 24;

/** Milliseconds for a creation: a message is in hand meanwhile, and others could take it. */
const creationMs = 10_000;

/** Creates and deletes runner Jobs in the scheduler's namespace. Throws what the cluster's client throws. */
export class JobStore {
  private readonly semaphore = new Semaphore(requestsAtATime);

  private readonly api: KubeApi;
  private readonly config: Config;

  constructor(api: KubeApi, config: Config) {
    this.api = api;
    this.config = config;
  }

  /** The attempt's Job, created now or before. */
  async create(claimed: ClaimedAttempt): Promise<CreatedJob> {
    const manifest = buildRunnerJob(this.config, claimed);
    return this.semaphore.run(() =>
      createJob(this.api, this.config.K8S_NAMESPACE, manifest, { timeoutMs: creationMs }),
    );
  }

  /** Whether there is a Job of this name, by the API server itself. */
  async exists(name: string): Promise<boolean> {
    return (await readJob(this.api, this.config.K8S_NAMESPACE, name)) !== undefined;
  }

  /** Deletes this very Job with its pods; one that is gone is success. */
  async remove(job: Job): Promise<void> {
    const { name = '', uid } = job.metadata;
    const options = uid === undefined ? {} : { uid };
    await this.semaphore.run(() => deleteJob(this.api, this.config.K8S_NAMESPACE, name, options));
  }

  /** Deletes the runner Job of this name, if there is one; a Job that is not ours is left alone. */
  async removeByName(name: string): Promise<boolean> {
    const job = await this.semaphore.run(() => readJob(this.api, this.config.K8S_NAMESPACE, name));
    if (job === undefined || !isRunnerJob(job, this.config.INSTANCE)) return false;
    await this.remove(job);
    return true;
  }
}
