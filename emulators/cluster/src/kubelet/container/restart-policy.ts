import type { Container, Pod, Terminated } from '../pod.js';
import { isSidecar } from '../pod.js';

/** Whether a container that has ended is started again. Sidecars always are, init containers until they succeed. */
export function restarts(pod: Pod, container: Container, init: boolean, { exitCode }: Terminated): boolean {
  const policy = pod.spec.restartPolicy ?? 'Always';
  if (isSidecar(container)) {
    return true;
  }
  if (policy === 'Never') {
    return false;
  }
  return exitCode !== 0 || (policy === 'Always' && !init);
}
