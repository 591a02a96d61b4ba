import { asString, at, objectsIn } from '../../json.js';
import type { JsonObject } from '../../json.js';
import type { KubeObject } from '../../objects.js';
import { badRequest } from '../../store/api-error.js';

function names(pod: KubeObject, list: string): string[] {
  return objectsIn(at(pod, 'spec', list)).map((container) => asString(container['name']) ?? '');
}

/**
 * The container a request means; the only one when none is named.
 * @throws ApiError 400 when it has to be named, or is not there.
 */
export function chooseContainer(pod: KubeObject, wanted: string | null, withInit: boolean): string {
  const main = names(pod, 'containers');
  const all = [...names(pod, 'initContainers'), ...main];
  const { name } = pod.metadata;
  if (wanted) {
    if (!all.includes(wanted)) {
      throw badRequest(`container ${wanted} is not valid for pod ${name}`);
    }
    return wanted;
  }
  const choice = withInit ? all : main;
  const [only] = choice;
  if (choice.length === 1 && only !== undefined) {
    return only;
  }
  throw badRequest(
    `a container name must be specified for pod ${name}, choose one of: [${choice.join(' ')}]`,
  );
}

/** The status of a container, init or not. */
export function containerStatus(pod: KubeObject, container: string): JsonObject | undefined {
  return ['containerStatuses', 'initContainerStatuses']
    .flatMap((list) => objectsIn(at(pod, 'status', list)))
    .find((status) => status['name'] === container);
}
