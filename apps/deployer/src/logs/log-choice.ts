import type { FieldError } from '@cloudemy/contracts';
import { type Pod, type PodContainer, listContainers } from '@cloudemy/k8s';
import { ProblemError } from '@cloudemy/service';

/** What is to be read, the same whether it came in a query or in a body. */
export interface LogChoice {
  namespace: string;
  jobName: string;
  pod: string | undefined;
  container: string | undefined;
  follow: boolean;
  tail: number | undefined;
  sinceSeconds: number | undefined;
  sinceTime: string | undefined;
  previous: boolean;
  timestamps: boolean;
  limitBytes: number | undefined;
  allContainers: boolean;
  prefix: boolean | undefined;
  /** Where the options came from, for what is wrong with them. */
  from: FieldError['in'];
}

/** The containers of a pod that were asked for, in the order they start. */
export function chooseContainers(pod: Pod, { container, allContainers }: LogChoice): PodContainer[] {
  const containers = listContainers(pod);
  if (container !== undefined) return containers.filter(({ name }) => name === container);
  return allContainers ? containers : containers.filter(({ type }) => type === 'main');
}

/**
 * The pods that were asked for.
 *
 * @param pods all of the Job's
 * @throws ProblemError `not_found` for a pod that is none of the Job's, `invalid_request` for a container that
 *   no pod of it has
 */
export function choosePods(pods: readonly Pod[], choice: LogChoice): Pod[] {
  const { pod: name, container, jobName, from } = choice;
  const chosen = name === undefined ? [...pods] : pods.filter(({ metadata }) => metadata.name === name);
  if (name !== undefined && chosen.length === 0) {
    const known = pods.map(({ metadata }) => metadata.name ?? '').join(', ');
    throw new ProblemError('not_found', {
      detail: `The Job ${jobName} has no pod ${name}${known === '' ? '' : `; it has: ${known}`}.`,
    });
  }
  const [first] = chosen;
  if (container !== undefined && first !== undefined && !chosen.some((pod) => hasContainer(pod, container))) {
    const names = listContainers(first).map((one) => one.name);
    const reason = `must be one of the containers of the Job: ${names.join(', ')}`;
    throw new ProblemError('invalid_request', {
      detail: `${from} container ${reason}.`,
      errors: [{ in: from, path: 'container', reason }],
    });
  }
  return chosen;
}

const hasContainer = (pod: Pod, container: string): boolean =>
  listContainers(pod).some(({ name }) => name === container);
