import { ProblemError } from '@cloudemy/service';
import type { StoredObject } from './model.js';
import type { DeploymentStore } from './store.js';

/** How much one user may have in the cluster at a time. */
export interface AllowanceLimits {
  objects: number;
  /** Of all objects as JSON: what they take in the cluster's own store. */
  bytes: number;
}

/** Keeps one user from filling the cluster's store, by the inventory of what each has deployed. */
export class Allowance {
  private readonly store: Pick<DeploymentStore, 'usageOf'>;
  private readonly limits: AllowanceLimits;

  constructor(store: Pick<DeploymentStore, 'usageOf'>, limits: AllowanceLimits) {
    this.store = store;
    this.limits = limits;
  }

  /**
   * Asked once before anything is recorded, and once more after: of two requests at once, each then sees the other.
   *
   * @param deploymentId of the deployment that would hold these objects
   * @throws ProblemError `quota_exceeded`
   */
  async assertRoom(owner: string, deploymentId: string, objects: readonly StoredObject[]): Promise<void> {
    const others = await this.store.usageOf(owner, deploymentId);
    const count = others.objects + objects.length;
    const bytes = others.bytes + objects.reduce((sum, object) => sum + object.bytes, 0);
    if (count > this.limits.objects) {
      throw full(`${count} objects, of which ${this.limits.objects} are allowed`);
    }
    if (bytes > this.limits.bytes) {
      throw full(`objects of ${bytes} bytes, of which ${this.limits.bytes} are allowed`);
    }
  }
}

const full = (what: string): ProblemError =>
  new ProblemError('quota_exceeded', {
    detail: `With this you would have deployed ${what}. Delete deployments you no longer need first: GET /deployments lists them, those too whose objects are gone.`,
  });
