import { type FieldPath, formatPath, type PathSegment } from '../objects/field-path.js';
import { isRecord } from '../objects/is-record.js';

/** Names of the rules: stable, for clients to match on. */
export type PolicyRule =
  | 'kind'
  | 'namespace'
  | 'ownership'
  | 'host_namespace'
  | 'host_port'
  | 'host_path'
  | 'volume_type'
  | 'privileged'
  | 'privilege_escalation'
  | 'capabilities'
  | 'proc_mount'
  | 'seccomp'
  | 'apparmor'
  | 'selinux'
  | 'sysctl'
  | 'windows_host_process'
  | 'service_account'
  | 'service_account_token'
  | 'node_choice'
  | 'priority_class'
  | 'runtime_class'
  | 'service_exposure'
  | 'probe_host'
  | 'run_as_root'
  | 'grace_period'
  | 'scheduler'
  | 'device'
  | 'volume_claim'
  | 'disruption_budget'
  | 'annotation';

/** Findings of one object beyond these are not listed: nobody reads them, and an object may be made of nothing else. */
const maxFindings = 100;

export interface PolicyFinding {
  rule: PolicyRule;
  path: FieldPath;
  /** The path as the API server would write it. */
  field: string;
  /** What is refused and why. */
  message: string;
  /** What to do about it. */
  remedy: string;
}

/** Collects what a document does that it must not. */
export class Findings {
  readonly list: PolicyFinding[] = [];

  add(rule: PolicyRule, path: FieldPath, message: string, remedy: string): void {
    if (this.list.length >= maxFindings) return;
    this.list.push({ rule, path, field: formatPath(path), message, remedy });
  }
}

/** A part of the document, and where it is. */
export interface At {
  value: Record<string, unknown>;
  path: readonly PathSegment[];
}

/** The object in a field, if there is one. */
export function child(at: At, key: string): At | undefined {
  const value = at.value[key];
  return isRecord(value) ? { value, path: [...at.path, key] } : undefined;
}

/**
 * The objects in a field that should be a list. An object where a list belongs is looked into as well: it is
 * for the server to refuse, not for us to trust.
 */
export function children(at: At, key: string): At[] {
  const value = at.value[key];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]: [string, unknown]) =>
    isRecord(item)
      ? [{ value: item, path: [...at.path, key, Array.isArray(value) ? Number(name) : name] }]
      : [],
  );
}

/** Whether a field is set to anything but what turns it off. */
export function isOn(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false;
}

/** Whether a field is set at all. */
export function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

/** How messages show a value. */
export function show(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 100);
}
