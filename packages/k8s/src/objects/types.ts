/**
 * The parts of the Kubernetes objects this product reads, as they are on the wire: times are RFC 3339
 * strings, and whatever a server of another version adds is simply not named here. `null` never comes: what is read
 * goes through `readJson`.
 */

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface ObjectMeta {
  name?: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  /** The end of the grace period, not the moment the deletion was asked for. */
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
  /** Who wrote which field. Not kept of what is watched. */
  managedFields?: unknown[];
}

export interface KubeObject {
  /** Absent on the items of a list. */
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
}

/** A Kubernetes object whose fields beyond `metadata` are not known here. */
export interface UnknownObject extends KubeObject {
  [field: string]: unknown;
}

export interface KubeList<T extends KubeObject> {
  metadata: { resourceVersion?: string; continue?: string; remainingItemCount?: number };
  items: T[];
}

export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
}

export interface ContainerSpec {
  name: string;
  image?: string;
  command?: string[];
  args?: string[];
  /** Of an init container: `Always` makes it a sidecar. */
  restartPolicy?: string;
}

export interface PodSpec {
  containers: ContainerSpec[];
  initContainers?: ContainerSpec[];
  ephemeralContainers?: ContainerSpec[];
  restartPolicy?: string;
  nodeName?: string;
  serviceAccountName?: string;
}

export interface JobSpec {
  template: { metadata?: ObjectMeta; spec: PodSpec };
  parallelism?: number;
  completions?: number;
  backoffLimit?: number;
  activeDeadlineSeconds?: number;
  ttlSecondsAfterFinished?: number;
  suspend?: boolean;
  /** Another controller acts on the Job (`kueue.x-k8s.io/multikueue`). */
  managedBy?: string;
  /** Decides by exit codes and conditions of a failed pod whether another try is made. */
  podFailurePolicy?: object;
  /** With an index each: its tries are counted apart. */
  backoffLimitPerIndex?: number;
}

export interface CronJob extends KubeObject {
  spec: { schedule: string; suspend?: boolean; timeZone?: string };
  status?: { lastScheduleTime?: string; lastSuccessfulTime?: string };
}

export interface JobStatus {
  active?: number;
  ready?: number;
  succeeded?: number;
  failed?: number;
  terminating?: number;
  startTime?: string;
  completionTime?: string;
  conditions?: Condition[];
}

export interface Job extends KubeObject {
  spec: JobSpec;
  status?: JobStatus;
}

export interface TerminatedState {
  exitCode: number;
  /** Set by few runtimes; most report 128 plus the signal as exit code instead. */
  signal?: number;
  reason?: string;
  message?: string;
  startedAt?: string;
  finishedAt?: string;
}

export interface ContainerState {
  waiting?: { reason?: string; message?: string };
  running?: { startedAt?: string };
  terminated?: TerminatedState;
}

export interface ContainerStatus {
  name: string;
  image?: string;
  ready?: boolean;
  started?: boolean;
  restartCount?: number;
  state?: ContainerState;
  lastState?: ContainerState;
}

export interface PodStatus {
  phase?: string;
  reason?: string;
  message?: string;
  startTime?: string;
  podIP?: string;
  conditions?: Condition[];
  containerStatuses?: ContainerStatus[];
  initContainerStatuses?: ContainerStatus[];
  ephemeralContainerStatuses?: ContainerStatus[];
}

export interface Pod extends KubeObject {
  spec: PodSpec;
  status?: PodStatus;
}

/** An Event of the core group (`v1`), which also shows those of `events.k8s.io`. */
export interface KubeEvent extends KubeObject {
  involvedObject: { kind?: string; name?: string; namespace?: string; uid?: string; fieldPath?: string };
  reason?: string;
  message?: string;
  type?: string;
  count?: number;
  firstTimestamp?: string;
  lastTimestamp?: string;
  eventTime?: string;
}

export interface Lease extends KubeObject {
  spec?: {
    holderIdentity?: string;
    leaseDurationSeconds?: number;
    acquireTime?: string;
    renewTime?: string;
    leaseTransitions?: number;
  };
}

/** One fault of a refused request, e.g. `{field: 'spec.template', reason: 'FieldValueInvalid'}`. */
export interface StatusCause {
  field?: string;
  message?: string;
  reason?: string;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

/** What the API server answers when there is no object to answer with. */
export interface Status {
  kind: 'Status';
  status?: string;
  message?: string;
  reason?: string;
  code?: number;
  details?: StatusDetails;
}
