import type { Deployment, DeploymentQuery } from '@cloudemy/contracts';
import type { KubeApi } from '@cloudemy/k8s';
import { notFound } from '@cloudemy/service';
import type { z } from 'zod';
import { decodeCursor, encodeCursor } from '@cloudemy/mongo';
import { type Scope, isInScope } from '../auth/caller.js';
import { readLiveObjects } from './live-objects.js';
import type { DeploymentModel, StoredDeployment } from './model.js';
import type { DeploymentStore } from './store.js';
import { isDeleted } from './sweep.js';
import { viewDeployment } from './view.js';

/** Deployments looked at for one page of those in some state; the cursor continues from there. */
const mostLookedAt = 1_000;

/** Reads deployments as the cluster has them now. */
export class Deployments {
  private readonly parts: { model: DeploymentModel; store: DeploymentStore; api: KubeApi };

  constructor(parts: { model: DeploymentModel; store: DeploymentStore; api: KubeApi }) {
    this.parts = parts;
  }

  /** @throws ProblemError `not_found`, for those of others too */
  async get(scope: Scope, deploymentId: string): Promise<Deployment> {
    const deployment = await this.parts.store.get(deploymentId);
    if (deployment === null || !isInScope(scope, deployment.owner))
      throw notFound('deployment', deploymentId);
    const [view] = await this.#look([deployment]);
    if (view === undefined) throw notFound('deployment', deploymentId);
    return view;
  }

  /** @throws ProblemError `invalid_request` for a cursor that is not of this list */
  async list(scope: Scope, { limit, cursor, ...filters }: z.output<typeof DeploymentQuery>) {
    let after = decodeCursor('deployments', filters, cursor);
    const items: Deployment[] = [];
    // The state is the cluster's to say: page by page until enough of those asked for are found.
    for (let looked = 0; looked < mostLookedAt;) {
      const rows = await this.#page(scope, filters, after, limit);
      looked += rows.length;
      const views = await this.#look(rows);
      for (const [index, view] of views.entries()) {
        after = rows[index]?._id;
        if (filters.state !== undefined && view.state !== filters.state) continue;
        items.push(view);
        if (items.length === limit) break;
      }
      // Also when nothing is left behind the cursor: what was there has been deleted meanwhile.
      const isLast = rows.length === 0 || (rows.length < limit && after === rows.at(-1)?._id);
      if (isLast || after === undefined) return { items, next_cursor: null };
      if (items.length === limit) break;
    }
    return { items, next_cursor: after === undefined ? null : encodeCursor('deployments', filters, after) };
  }

  async #page(
    scope: Scope,
    { namespace, kind, name, owner, state }: Omit<z.output<typeof DeploymentQuery>, 'limit' | 'cursor'>,
    after: StoredDeployment['_id'] | undefined,
    limit: number,
  ): Promise<StoredDeployment[]> {
    return this.parts.model
      .find({
        live: state !== 'deleted',
        ...(namespace === undefined ? {} : { namespace }),
        ...(kind === undefined ? {} : { 'objects.kind': kind }),
        ...(name === undefined ? {} : { $or: [{ name }, { 'objects.name': name }] }),
        ...(owner === undefined ? {} : { owner }),
        ...(scope.owner === undefined ? {} : { $and: [{ owner: scope.owner }] }),
        ...(after === undefined ? {} : { _id: { $lt: after } }),
      })
      .sort({ _id: -1 })
      .limit(limit)
      .lean<StoredDeployment[]>();
  }

  async #look(deployments: readonly StoredDeployment[]): Promise<Deployment[]> {
    const seen = await readLiveObjects(
      this.parts.api,
      deployments.filter(({ live }) => live),
    );
    return deployments.map((deployment) => {
      const objects =
        seen.get(deployment) ??
        deployment.objects.map((stored) => ({
          stored,
          live: { state: 'gone' as const, message: 'it was deleted' },
          uid: stored.uid,
          name: stored.name,
        }));
      // Written down by the sweep, a moment later.
      return viewDeployment(
        isDeleted(deployment, objects) ? { ...deployment, stage: 'deleted' } : deployment,
        objects,
      );
    });
  }
}
