import type { ContainerStatus, Pod } from '@cloudemy/k8s';

/** What the kubelet says of a container of any type; undefined before it has said anything. */
export function statusOf(pod: Pod, containerName: string): ContainerStatus | undefined {
  const { status } = pod;
  return [
    ...(status?.containerStatuses ?? []),
    ...(status?.initContainerStatuses ?? []),
    ...(status?.ephemeralContainerStatuses ?? []),
  ].find(({ name }) => name === containerName);
}
