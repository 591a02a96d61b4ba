import { asString, at } from '../json.js';
import type { Pod } from './pod.js';

/** `metadata.labels['app']` and the like. */
const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/;

/** The value of a `fieldRef`; empty for a field the pod does not have. `address` is the pod's, told or not yet told. */
export function fieldValue(pod: Pod, path: string, address = LOOPBACK): string {
  const match = subscript.exec(path);
  if (match !== null) {
    const map = match[1] === 'labels' ? pod.metadata.labels : pod.metadata.annotations;
    return map?.[match[2] ?? ''] ?? '';
  }
  switch (path) {
    case 'status.podIPs':
    case 'status.podIP':
      return pod.status?.podIP ?? address;
    case 'status.hostIP':
    case 'status.hostIPs':
      return asString(at(pod, ...path.split('.'))) ?? LOOPBACK;
    case 'spec.serviceAccountName':
      return pod.spec.serviceAccountName ?? 'default';
    default:
      return asString(at(pod, ...path.split('.'))) ?? '';
  }
}

/** The address of every pod and of the node: pods are processes of this machine. */
export const LOOPBACK = '127.0.0.1';
