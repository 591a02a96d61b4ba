import type { Policy, Requirement } from '@cloudemy/k8s';

const objectVerbs = ['get', 'list', 'create', 'patch', 'delete'];

/** What the service does in each namespace besides handling the objects that were deployed. */
const always: readonly Omit<Requirement, 'namespace'>[] = [
  { verb: 'get', group: 'batch', resource: 'jobs' },
  { verb: 'list', group: 'batch', resource: 'jobs' },
  { verb: 'watch', group: 'batch', resource: 'jobs' },
  { verb: 'get', group: '', resource: 'pods' },
  { verb: 'list', group: '', resource: 'pods' },
  { verb: 'watch', group: '', resource: 'pods' },
  { verb: 'get', group: '', resource: 'pods/log' },
  // Which of the two a WebSocket needs depends on the version of Kubernetes; some ask for both.
  { verb: 'get', group: '', resource: 'pods/exec' },
  { verb: 'create', group: '', resource: 'pods/exec' },
  { verb: 'list', group: '', resource: 'events' },
];

/** Everything the service must be allowed to do in a namespace, for the kinds its policy lets through. */
export function requirementsOf(policy: Policy, namespace: string): Requirement[] {
  const forObjects = policy.kinds
    .filter((kind) => !kind.includes('*'))
    .flatMap((kind) => objectVerbs.map((verb) => ({ verb, ...resourceOf(kind) })));
  const all = [...always, ...forObjects].map((requirement) => ({ ...requirement, namespace }));
  return [...new Map(all.map((one) => [`${one.verb} ${one.resource}.${one.group}`, one])).values()];
}

/**
 * `Job.batch` to the `jobs` of `batch`: the plural as Kubernetes itself guesses it, right for all kinds it brings
 * (UnsafeGuessKindToResource in k8s.io/apimachinery).
 */
function resourceOf(kind: string): { group: string; resource: string } {
  const dot = kind.indexOf('.');
  const name = (dot === -1 ? kind : kind.slice(0, dot)).toLowerCase();
  const group = dot === -1 ? '' : kind.slice(dot + 1);
  if (name.endsWith('s')) return { group, resource: `${name}es` };
  return { group, resource: name.endsWith('y') ? `${name.slice(0, -1)}ies` : `${name}s` };
}
