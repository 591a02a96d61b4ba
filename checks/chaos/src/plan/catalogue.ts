/** Services in replicas, and what they need. Each is a process of its own that can be ended and started. */
export const services = ['backend-1', 'backend-2', 'scheduler-1', 'scheduler-2'] as const;
const stores = ['redis', 'mongodb'] as const;

/** All that has a clock and connections of its own. */
export type Replica = (typeof services)[number] | 'deployer';

/** Connections that lead through a relay of ours, named by where they lead. */
export const linkNames = ['backend', 'deployer', 'redis', 'mongodb', 'cluster', 'llm'] as const;
export type LinkName = (typeof linkNames)[number];

/** Of these each replica has one of its own. */
export type OwnLinkName = 'mongodb' | 'redis' | 'cluster';

export type PartName = Replica | (typeof stores)[number] | 'cluster' | 'llm';

/** What the proxy before an API server does instead of passing requests on. */
export const apiFaults = ['stall', '429', '500', '401', 'html', 'stale list'] as const;
export type ApiFault = (typeof apiFaults)[number];

/** Why a model refuses everybody; `down` is no answer at all. */
export const modelFaults = ['wrong-key', 'quota', 'down'] as const;
export type ModelFault = (typeof modelFaults)[number];

/** What can be done to a part, a connection, or something the services made. */
export type Disturbance =
  /** `kill` is SIGKILL, `restart` SIGTERM; both start it again. `pause` is SIGSTOP and SIGCONT. */
  | { action: 'kill' | 'restart' | 'pause'; part: PartName }
  /** FLUSHALL. */
  | { action: 'wipe'; part: 'redis' }
  /** Redis answers, and refuses every write. */
  | { action: 'read-only' | 'out-of-memory'; part: 'redis' }
  /** An older copy takes its place; a bit flips in its file; its disk is full. */
  | { action: 'restore' | 'damage' | 'full disk'; part: 'mongodb' }
  /** The model answers every request with a refusal. */
  | { action: 'rate-limit' | 'error-500'; part: 'llm' }
  /** The model is away for everybody, and for long. */
  | { action: ModelFault; part: 'llm' }
  /** `cut` ends and refuses connections, `silence` keeps them and lets nothing through. */
  | { action: 'cut' | 'silence' | 'delay'; link: LinkName }
  /** One replica alone cannot reach it, for long. */
  | { action: 'cut'; link: OwnLinkName; of: Replica }
  /** Its clock is wrong by minutes or years. */
  | { action: 'clock'; of: Replica }
  | { action: ApiFault; before: 'cluster' }
  | { action: 'delete'; object: 'job' | 'pod' }
  /** Of the queue: off its list, or cut in half. */
  | { action: 'lose' | 'tear'; object: 'message' }
  /** The deployer dies in the middle of one. */
  | { action: 'kill'; object: 'deploy' }
  /** Of a pod, from outside of the cluster. */
  | { action: 'kill' | 'pause'; object: 'runner process' };

/** Whether the cluster is ours to end, and its pods are processes of this machine. */
export type ClusterKind = 'embedded' | 'yours';

/** All that can be done. */
export function catalogue(cluster: ClusterKind): Disturbance[] {
  const embedded = cluster === 'embedded';
  const parts: PartName[] = [
    ...services,
    ...stores,
    'llm',
    ...(embedded ? (['deployer', 'cluster'] as const) : []),
  ];
  const links = linkNames.filter((link) => embedded || (link !== 'cluster' && link !== 'deployer'));
  return [
    ...parts.flatMap((part) => (['kill', 'restart', 'pause'] as const).map((action) => ({ action, part }))),
    ...(['wipe', 'read-only', 'out-of-memory'] as const).map((action) => ({
      action,
      part: 'redis' as const,
    })),
    ...(['restore', 'damage', 'full disk'] as const).map((action) => ({ action, part: 'mongodb' as const })),
    { action: 'rate-limit', part: 'llm' },
    { action: 'error-500', part: 'llm' },
    ...modelFaults.map((action) => ({ action, part: 'llm' as const })),
    ...links.flatMap((link) => (['cut', 'silence', 'delay'] as const).map((action) => ({ action, link }))),
    ...ownLinks(embedded).map(([of, link]) => ({ action: 'cut' as const, link, of })),
    ...services.map((of) => ({ action: 'clock' as const, of })),
    { action: 'delete', object: 'job' },
    { action: 'delete', object: 'pod' },
    { action: 'lose', object: 'message' },
    { action: 'tear', object: 'message' },
    ...(embedded ? embeddedAlone() : []),
  ];
}

const embeddedAlone = (): Disturbance[] => [
  ...apiFaults.map((action) => ({ action, before: 'cluster' as const })),
  { action: 'clock', of: 'deployer' },
  { action: 'kill', object: 'deploy' },
  { action: 'kill', object: 'runner process' },
  { action: 'pause', object: 'runner process' },
];

function ownLinks(embedded: boolean): (readonly [Replica, OwnLinkName])[] {
  const stores = [
    ['backend-1', 'mongodb'],
    ['backend-2', 'redis'],
    ['scheduler-1', 'redis'],
  ] as const;
  return embedded
    ? [...stores, ['scheduler-2', 'cluster'], ['deployer', 'mongodb'], ['deployer', 'cluster']]
    : [...stores];
}

/** Whether it shows only what it does when it lasts longer than locks and leases do. */
export const isLong = (disturbance: Disturbance): boolean =>
  ('of' in disturbance && disturbance.action === 'cut') ||
  modelFaults.some((one) => one === disturbance.action);

/** A disturbance in words, such as `kill backend-1`. */
export function inWords(disturbance: Disturbance): string {
  if ('before' in disturbance) return `${disturbance.action} of the proxy before the cluster`;
  if ('of' in disturbance) {
    if (disturbance.action === 'clock') return `jump the clock of ${disturbance.of}`;
    return `cut the connections of ${disturbance.of} to ${disturbance.link}`;
  }
  if ('part' in disturbance) return `${disturbance.action} ${disturbance.part}`;
  if ('link' in disturbance) return `${disturbance.action} connections to ${disturbance.link}`;
  if (disturbance.object === 'deploy') return 'kill the deployer in a deploy';
  return `${disturbance.action} a ${disturbance.object}`;
}
