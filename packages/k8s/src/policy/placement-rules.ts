import { isRecord } from '../objects/is-record.js';
import { type At, child, children, type Findings, isSet, show } from './findings.js';
import { matches, type Policy } from './policy.js';

/** Labels and taints of nodes with a part in the cluster itself: control plane, etcd, routers. */
const NODE_ROLE = /^node-role\.kubernetes\.io\//;
/** The name of a node, as a label and as a field. */
const NODE_NAME = /^(kubernetes\.io\/hostname|metadata\.name)$/;
/** Taints by which the cluster says that a node is ill: those that every pod tolerates for a while are no choice. */
const NODE_STATE = /^node\.(kubernetes|cloudprovider\.kubernetes)\.io\/(?!(not-ready|unreachable)$)/;

/** Where a pod runs, before whom, and who decides. */
export function checkPlacement(spec: At, policy: Policy, findings: Findings): void {
  checkClass(spec, 'priorityClassName', policy.priorityClasses, findings);
  checkClass(spec, 'runtimeClassName', policy.runtimeClasses, findings);
  checkClass(spec, 'schedulerName', policy.schedulers, findings);
  if (!policy.allowControlPlane) checkNodeChoice(spec, findings);
}

const CLASSES = {
  priorityClassName: ['priority_class', 'pods of the priority class %s could take the room of others'],
  runtimeClassName: ['runtime_class', 'the runtime class %s is not allowed'],
  schedulerName: ['scheduler', 'the scheduler %s goes by rules of its own'],
} as const;

function checkClass(
  { value, path }: At,
  field: keyof typeof CLASSES,
  allowed: readonly string[],
  findings: Findings,
): void {
  const named = value[field];
  if (!isSet(named) || (typeof named === 'string' && matches(allowed, named))) return;
  const [rule, why] = CLASSES[field];
  const hint = `remove it, or use one of: ${allowed.join(', ') || 'none'}`;
  findings.add(
    rule,
    [...path, field],
    why.replace('%s', () => show(named)),
    hint,
  );
}

function checkNodeChoice(spec: At, findings: Findings): void {
  const { value, path } = spec;
  const refuse = (at: At['path'], why: string): void => findings.add('node_choice', at, why, 'remove it');
  if (isSet(value['nodeName'])) refuse([...path, 'nodeName'], 'a named node goes around the scheduler');
  for (const key of Object.keys(child(spec, 'nodeSelector')?.value ?? {})) {
    const why = whyNoLabel(key);
    if (why !== undefined) refuse([...path, 'nodeSelector', key], why);
  }
  for (const toleration of children(spec, 'tolerations')) {
    const why = whyNoTaint(toleration.value['key']);
    if (why !== undefined) refuse(toleration.path, why);
  }
  const affinity = child(spec, 'affinity');
  const node = affinity && child(affinity, 'nodeAffinity');
  if (node !== undefined) checkAffinity(node, findings);
}

/** Why nodes may not be chosen by this label; undefined when they may. */
function whyNoLabel(key: string): string | undefined {
  if (NODE_ROLE.test(key))
    return `the label ${key} marks nodes of the cluster itself, which are not for pods`;
  if (NODE_NAME.test(key)) return `${key} chooses single nodes, which goes around the scheduler`;
  return undefined;
}

/** Why a taint with this key may not be tolerated; undefined when it may. */
function whyNoTaint(key: unknown): string | undefined {
  if (!isSet(key)) return 'it tolerates every taint: name the one that is meant';
  if (typeof key !== 'string') return 'the key of a taint is a word';
  if (NODE_ROLE.test(key)) {
    const what = /\/(control-plane|master)$/.test(key)
      ? 'control-plane nodes'
      : 'nodes of the cluster itself';
    return `the taint ${key} marks ${what}, which are not for pods`;
  }
  if (key === 'CriticalAddonsOnly') return `the taint ${key} keeps room for the cluster's own pods`;
  if (NODE_STATE.test(key)) return `the taint ${key} keeps pods from a node that is not fit for them`;
  return undefined;
}

/** Terms are nested in several ways; what counts is whether such a label is asked for anywhere. */
function checkAffinity(at: At, findings: Findings): void {
  const { key, operator } = at.value;
  const why = typeof key === 'string' ? whyNoLabel(key) : undefined;
  if (why !== undefined && operator !== 'DoesNotExist' && operator !== 'NotIn') {
    findings.add('node_choice', [...at.path, 'key'], why, 'remove it');
  }
  for (const [name, value] of Object.entries(at.value)) {
    if (isRecord(value)) checkAffinity({ value, path: [...at.path, name] }, findings);
    else for (const item of children(at, name)) checkAffinity(item, findings);
  }
}
