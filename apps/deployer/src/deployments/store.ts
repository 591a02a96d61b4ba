import { randomUUID } from 'node:crypto';
import { Gathered } from '@cloudemy/async';
import { isDuplicateKey, objectId } from '@cloudemy/mongo';
import { claimsOf, fingerprintOf } from './identity.js';
import type { DeploymentModel, Operation, Stage, StoredDeployment, StoredObject } from './model.js';

/** Another live deployment holds one of the objects. */
export class ClaimTakenError extends Error {
  override readonly name = 'ClaimTakenError';
}

/** What a deploy or delete leaves behind. */
export interface Outcome {
  stage: Stage;
  objects: StoredObject[];
  error?: string | undefined;
}

/**
 * Milliseconds after which a deploy or delete that was not heard of is taken for dead, and another may take its place;
 * and between two signs of life.
 */
const heldMs = 15_000;
const renewMs = 4_000;

/** The inventory of what was deployed. Every write is of one document, so none is ever half done. */
export class DeploymentStore {
  private readonly model: DeploymentModel;
  /** Fifty terminals opened at once ask one question, and need one connection for it. */
  private readonly byUid = new Gathered((uids: readonly string[]) => this.findByUids(uids), { most: 100 });

  constructor(model: DeploymentModel) {
    this.model = model;
  }

  async get(id: string): Promise<StoredDeployment | null> {
    return this.model.findById(objectId(id)).lean<StoredDeployment>();
  }

  /** The user's live deployment of this very set of objects. */
  async findSame(namespace: string, identity: string, owner: string): Promise<StoredDeployment | null> {
    return this.model.findOne({ namespace, identity, owner, live: true }).lean<StoredDeployment>();
  }

  /** Live deployments that claim one of these. */
  async findHolders(claims: readonly string[]): Promise<StoredDeployment[]> {
    return this.model.find({ live: true, claims: { $in: claims } }).lean<StoredDeployment[]>();
  }

  /**
   * Live deployments with one of these objects.
   *
   * @param owner whose; everybody's when left out
   */
  async findLive(namespace: string, keys: readonly string[], owner?: string): Promise<StoredDeployment[]> {
    return this.model
      .find({ namespace, 'objects.key': { $in: keys }, live: true, ...ownedBy(owner) })
      .sort({ _id: 1 })
      .lean<StoredDeployment[]>();
  }

  /** The newest deleted deployment with one of these objects, while it is remembered. */
  async findDeleted(
    namespace: string,
    keys: readonly string[],
    owner?: string,
  ): Promise<StoredDeployment | null> {
    return this.model
      .findOne({ namespace, 'objects.key': { $in: keys }, live: false, ...ownedBy(owner) })
      .sort({ _id: -1 })
      .lean<StoredDeployment>();
  }

  /** The live deployment whose inventory holds the object with this uid. */
  async findByUid(uid: string): Promise<StoredDeployment | null> {
    return this.byUid.ask(uid);
  }

  private async findByUids(uids: readonly string[]): Promise<(StoredDeployment | null)[]> {
    const filter = { 'objects.uid': { $in: [...new Set(uids)] }, live: true };
    const found = await this.model.find(filter).lean<StoredDeployment[]>();
    const byUid = new Map(found.flatMap((one) => one.objects.map(({ uid }) => [uid, one] as const)));
    return uids.map((uid) => byUid.get(uid) ?? null);
  }

  /**
   * Records a new deployment before anything of it exists.
   *
   * @throws ClaimTakenError
   */
  async insert(
    deployment: Omit<StoredDeployment, 'operation' | 'claims' | 'identity' | 'live'>,
  ): Promise<StoredDeployment> {
    const keys = deployment.objects.map(({ key }) => key);
    const record: StoredDeployment = {
      ...deployment,
      identity: fingerprintOf(keys),
      claims: claimsOf(String(deployment._id), deployment.namespace, keys),
      live: true,
      operation: newOperation('deploy'),
    };
    await claiming(this.model.create(record));
    return record;
  }

  /**
   * Takes a live deployment for one operation alone.
   *
   * @param objects the inventory as it may become, recorded before anything is done
   * @returns null when it is gone or another operation has it
   * @throws ClaimTakenError
   */
  async begin(
    deployment: StoredDeployment,
    kind: Operation['kind'],
    objects: StoredObject[] = deployment.objects,
  ): Promise<StoredDeployment | null> {
    const now = new Date();
    const { _id: id, namespace } = deployment;
    const keys = objects.map(({ key }) => key);
    const write = this.model
      .findOneAndUpdate(
        {
          _id: deployment._id,
          live: true,
          // Whoever changed it since it was read has another inventory than the one handed in.
          updated_at: deployment.updated_at,
          ...atRest(now),
        },
        {
          $set: {
            operation: newOperation(kind),
            stage: kind === 'deploy' ? 'deploying' : 'deleting',
            objects,
            claims: claimsOf(String(id), namespace, keys),
            updated_at: laterThan(deployment.updated_at, now),
          },
        },
        { returnDocument: 'after' },
      )
      .lean<StoredDeployment>();
    return claiming(write);
  }

  /**
   * Does the work of an operation, and keeps others off the deployment for as long as it takes. When this process is
   * killed, they are let in a few seconds later.
   */
  async holding<T>({ _id: id, operation }: StoredDeployment, work: () => Promise<T>): Promise<T> {
    const renew = async (): Promise<void> => {
      await this.model.updateOne(
        { _id: id, 'operation.token': operation?.token ?? '' },
        { $set: { 'operation.until': new Date(Date.now() + heldMs) } },
      );
    };
    // A database that is away for a moment is asked again the next time.
    const timer = setInterval(() => void renew().catch(() => {}), renewMs);
    try {
      return await work();
    } finally {
      clearInterval(timer);
    }
  }

  /** Records what an operation has done, and ends it. */
  async finish(deployment: StoredDeployment, { stage, objects, error }: Outcome): Promise<void> {
    const keys = objects.map(({ key }) => key);
    const live = stage !== 'deleted';
    const now = laterThan(deployment.updated_at, new Date());
    await this.model.updateOne(
      { _id: deployment._id, 'operation.token': deployment.operation?.token ?? '' },
      {
        $set: {
          stage,
          live,
          objects,
          identity: fingerprintOf(keys),
          claims: live ? claimsOf(String(deployment._id), deployment.namespace, keys) : [],
          operation: null,
          error: error ?? null,
          updated_at: now,
          deleted_at: live ? null : now,
          ...(stage === 'deleting' || stage === 'deploying' ? {} : { untold: now }),
        },
      },
    );
  }

  /** Forgets a deployment of which nothing has come to exist. */
  async forget(deployment: StoredDeployment): Promise<void> {
    await this.model.deleteOne({
      _id: deployment._id,
      'operation.token': deployment.operation?.token ?? '',
    });
  }

  /**
   * Live deployments with something whose deletion was asked for and that nobody works on, in a fixed order.
   *
   * @param after the last one of the page before; from the beginning when left out
   */
  async findDeleting(limit: number, after?: StoredDeployment['_id']): Promise<StoredDeployment[]> {
    return this.model
      .find({
        live: true,
        ...(after === undefined ? {} : { _id: { $gt: after } }),
        $and: [{ $or: [{ stage: 'deleting' }, { 'objects.deletion_asked': true }] }, atRest()],
      })
      .sort({ _id: 1 })
      .limit(limit)
      .lean<StoredDeployment[]>();
  }

  /**
   * A deletion that was under way has come to its end.
   *
   * @param left what is still there; with nothing left, the deployment is deleted
   */
  async settle(deployment: StoredDeployment, left: readonly StoredObject[]): Promise<void> {
    const { _id: id, namespace, updated_at } = deployment;
    const now = laterThan(updated_at, new Date());
    const keys = left.map(({ key }) => key);
    const outcome =
      left.length === 0
        ? { stage: 'deleted', live: false, claims: [], deleted_at: now, untold: now }
        : { objects: left, identity: fingerprintOf(keys), claims: claimsOf(String(id), namespace, keys) };
    await this.model.updateOne(
      { _id: id, live: true, updated_at, ...atRest() },
      { $set: { ...outcome, operation: null, updated_at: now } },
    );
  }

  /** How much a user has deployed, apart from one deployment. */
  async usageOf(owner: string, exceptId: string): Promise<{ objects: number; bytes: number }> {
    const [usage] = await this.model.aggregate<{ objects: number; bytes: number }>([
      { $match: { owner, live: true, _id: { $ne: objectId(exceptId) } } },
      {
        $group: {
          _id: null,
          objects: { $sum: { $size: '$objects' } },
          bytes: { $sum: { $sum: '$objects.bytes' } },
        },
      },
    ]);
    return { objects: usage?.objects ?? 0, bytes: usage?.bytes ?? 0 };
  }

  /** How many live deployments there are by stage. */
  async countByStage(): Promise<Record<string, number>> {
    const rows = await this.model.aggregate<{ _id: string; count: number }>([
      { $match: { live: true } },
      { $group: { _id: '$stage', count: { $sum: 1 } } },
    ]);
    return Object.fromEntries(rows.map(({ _id, count }) => [_id, count]));
  }
}

/** @throws ClaimTakenError when a write would claim what another live deployment has */
async function claiming<T>(write: PromiseLike<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    if (isDuplicateKey(error)) throw new ClaimTakenError('an object is claimed already', { cause: error });
    throw error;
  }
}

/** Nobody works on it, or whoever did is taken for dead. */
const atRest = (now = new Date()) => ({ $or: [{ operation: null }, { 'operation.until': { $lt: now } }] });

const ownedBy = (owner: string | undefined) => (owner === undefined ? {} : { owner });

function newOperation(kind: Operation['kind']): Operation {
  return { token: randomUUID(), kind, until: new Date(Date.now() + heldMs) };
}

/** Two changes in one millisecond must still differ. */
const laterThan = (before: Date, now: Date): Date => (now > before ? now : new Date(before.getTime() + 1));
