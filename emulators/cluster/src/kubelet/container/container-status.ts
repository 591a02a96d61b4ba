import type { Container, ContainerState, ContainerStatus } from '../pod.js';
import { imageId } from '../images.js';

/** What a keeper knows of its container. */
export interface Snapshot {
  container: Container;
  /** An init container or sidecar. */
  init: boolean;
  state: ContainerState;
  lastState: ContainerState;
  ready: boolean;
  started: boolean;
  restartCount: number;
  /** Complete name of the image, once it is known. */
  image: string | undefined;
  containerId: string | undefined;
  /** It will not be started again. */
  over: boolean;
}

/** The entry of `containerStatuses`. */
export function containerStatus(snapshot: Snapshot): ContainerStatus {
  const { container, state, image, containerId } = snapshot;
  const begun = containerId !== undefined;
  const requests = container.resources?.requests ?? {};
  return {
    name: container.name,
    state,
    lastState: snapshot.lastState,
    ready: snapshot.ready,
    restartCount: snapshot.restartCount,
    image: image ?? container.image ?? '',
    imageID: image === undefined ? '' : imageId(image),
    ...(begun ? { containerID: containerId } : {}),
    started: snapshot.started,
    ...(begun && Object.keys(requests).length > 0 ? { allocatedResources: requests } : {}),
    ...(begun ? { resources: container.resources ?? {} } : {}),
    ...(container.volumeMounts === undefined
      ? {}
      : {
          volumeMounts: container.volumeMounts.map(({ name, mountPath, readOnly }) => ({
            name,
            mountPath,
            ...(readOnly === true ? { readOnly, recursiveReadOnly: 'Disabled' } : {}),
          })),
        }),
    ...(begun ? { user: { linux: user() } } : {}),
  };
}

function user(): object {
  const gid = process.getgid?.() ?? 0;
  return { uid: process.getuid?.() ?? 0, gid, supplementalGroups: [gid] };
}
