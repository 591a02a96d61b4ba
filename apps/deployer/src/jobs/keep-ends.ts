import {
  JOBS,
  type Job,
  type KubeApi,
  PODS,
  type Pod,
  isNotFound,
  lastEndAnnotation,
  lastEndOf,
  resourcePath,
  watchResource,
} from '@cloudemy/k8s';
import type { Logger } from '@cloudemy/service';
import { deploymentLabels } from '../deployments/labels.js';

export interface EndKeeperParts {
  api: KubeApi;
  namespaces: readonly string[];
  log: Logger;
}

/** Jobs whose last end is remembered, so as not to be written twice; the oldest are forgotten first. */
const maxKnown = 10_000;

/**
 * Writes on Jobs whose containers are restarted in place how those ended last: the cluster deletes their pods with the
 * Job's end. Any number of replicas may do so, as all write the same.
 *
 * @returns stops it
 */
export function keepEnds({ api, namespaces, log }: EndKeeperParts): () => Promise<void> {
  const keeper = new EndKeeper(api);
  const onError = (error: unknown) => log.debug({ err: error }, 'the end of a container could not be kept');
  const note = (pod: Pod) => void keeper.note(pod).catch(onError);
  const watches = namespaces.map((namespace) =>
    watchResource<Pod>(api, {
      path: resourcePath(PODS, { namespace }),
      // Those of Jobs.
      labelSelector: 'batch.kubernetes.io/job-name',
      keep: slim,
      onAdd: note,
      onUpdate: note,
      onDelete: note,
      onError,
    }),
  );
  return async () => {
    await Promise.all(watches.map((watch) => watch.stop()));
  };
}

/** Of pods that are not restarted in place only that they are there: most are such. */
const slim = (pod: Pod): Pod =>
  restartsInPlace(pod)
    ? { ...pod, spec: { restartPolicy: 'OnFailure', containers: [] } }
    : { metadata: { ...namesOf(pod) }, spec: { containers: [] } };

const namesOf = ({ metadata: { name = '', namespace = '', uid = '' } }: Pod) => ({ name, namespace, uid });

const restartsInPlace = ({ spec }: Pod): boolean => spec.restartPolicy === 'OnFailure';

class EndKeeper {
  private readonly api: KubeApi;
  /** What was written, by uid of the Job. */
  private readonly known = new Map<string, string>();

  constructor(api: KubeApi) {
    this.api = api;
  }

  /** @throws KubeApiError, KubeConnectionError */
  async note(pod: Pod): Promise<void> {
    if (!restartsInPlace(pod)) return;
    const owner = pod.metadata.ownerReferences?.find(
      ({ controller, kind }) => controller === true && kind === 'Job',
    );
    const end = lastEndOf(pod);
    if (owner === undefined || end === undefined || this.known.get(owner.uid) === end) return;
    this.remember(owner.uid, end);
    const path = resourcePath(JOBS, { namespace: pod.metadata.namespace, name: owner.name });
    try {
      const job = await this.api.get<Job>(path);
      const { uid, labels, annotations } = job.metadata;
      const isOurs = labels?.[deploymentLabels.managedBy] === deploymentLabels.managedByValue;
      if (uid !== owner.uid || !isOurs || annotations?.[lastEndAnnotation] === end) return;
      const patch = { metadata: { uid, annotations: { [lastEndAnnotation]: end } } };
      await this.api.patch(path, patch, 'application/merge-patch+json');
    } catch (error) {
      if (isNotFound(error)) return;
      this.known.delete(owner.uid);
      throw error;
    }
  }

  private remember(uid: string, end: string): void {
    this.known.delete(uid);
    this.known.set(uid, end);
    const [oldest] = this.known.keys();
    if (this.known.size > maxKnown && oldest !== undefined) this.known.delete(oldest);
  }
}
