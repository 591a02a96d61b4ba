/** Services in replicas, and what they need. Each is a process of its own that can be ended and started. */
export const services = ['backend-1', 'backend-2', 'scheduler-1', 'scheduler-2'] as const;
const stores = ['redis', 'mongodb'] as const;

/** Connections that lead through a relay of ours, named by where they lead. */
export const linkNames = ['backend', 'redis', 'mongodb', 'cluster', 'llm'] as const;
export type LinkName = (typeof linkNames)[number];

export type PartName = (typeof services)[number] | (typeof stores)[number] | 'cluster' | 'llm';

/** What can be done to a part, a connection, or something the scheduler made. */
export type Disturbance =
  /** `kill` is SIGKILL, `restart` SIGTERM; both start it again. `pause` is SIGSTOP and SIGCONT. */
  | { action: 'kill' | 'restart' | 'pause'; part: PartName }
  /** FLUSHALL. */
  | { action: 'wipe'; part: 'redis' }
  /** The model answers every request with a refusal. */
  | { action: 'rate-limit' | 'error-500'; part: 'llm' }
  /** `cut` ends and refuses connections, `silence` keeps them and lets nothing through. */
  | { action: 'cut' | 'silence' | 'delay'; link: LinkName }
  | { action: 'delete'; object: 'job' | 'pod' }
  /** Of a pod, from outside of the cluster. */
  | { action: 'kill' | 'pause'; object: 'runner process' };

/** Whether the cluster is ours to end, and its pods are processes of this machine. */
export type ClusterKind = 'embedded' | 'yours';

/** All that can be done. */
export function catalogue(cluster: ClusterKind): Disturbance[] {
  const embedded = cluster === 'embedded';
  const parts: PartName[] = [...services, ...stores, 'llm', ...(embedded ? (['cluster'] as const) : [])];
  const links = linkNames.filter((link) => embedded || link !== 'cluster');
  return [
    ...parts.flatMap((part) => (['kill', 'restart', 'pause'] as const).map((action) => ({ action, part }))),
    { action: 'wipe', part: 'redis' },
    { action: 'rate-limit', part: 'llm' },
    { action: 'error-500', part: 'llm' },
    ...links.flatMap((link) => (['cut', 'silence', 'delay'] as const).map((action) => ({ action, link }))),
    { action: 'delete', object: 'job' },
    { action: 'delete', object: 'pod' },
    ...(embedded
      ? (['kill', 'pause'] as const).map((action) => ({ action, object: 'runner process' as const }))
      : []),
  ];
}

/** A disturbance in words, such as `kill backend-1`. */
export function inWords(disturbance: Disturbance): string {
  if ('part' in disturbance) return `${disturbance.action} ${disturbance.part}`;
  if ('link' in disturbance) return `${disturbance.action} connections to ${disturbance.link}`;
  return `${disturbance.action} a ${disturbance.object}`;
}
