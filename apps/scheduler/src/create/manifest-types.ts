import type { ContainerSpec, Job, JobSpec, ObjectMeta, PodSpec } from '@cloudemy/k8s';

/** What is known of an attempt once it was claimed. */
export interface ClaimedAttempt {
  submission_id: string;
  attempt: number;
  /** Lets the runner deliver the result of this attempt and no other. */
  result_token: string;
  /** Opens what Redis holds for this attempt; a backend of before records were sealed gives none. */
  record_key?: string | undefined;
  request_id: string;
  traceparent: string | undefined;
}

/** An environment variable of a container: its value, or where the kubelet finds it. */
export type EnvVar =
  | { name: string; value: string }
  | { name: string; valueFrom: { secretKeyRef: { name: string; key: string } } };

/** The fields that the scheduler writes, beyond those that the product reads of any Job. */
export interface RunnerContainer extends ContainerSpec {
  imagePullPolicy: string;
  env: EnvVar[];
  resources: Record<'requests' | 'limits', { cpu: string; memory: string }>;
  securityContext: {
    allowPrivilegeEscalation: boolean;
    readOnlyRootFilesystem: boolean;
    capabilities: { drop: string[] };
  };
  terminationMessagePolicy: string;
  volumeMounts: { name: string; mountPath: string }[];
}

export interface RunnerPodSpec extends PodSpec {
  containers: [RunnerContainer];
  automountServiceAccountToken: boolean;
  enableServiceLinks: boolean;
  terminationGracePeriodSeconds: number;
  runtimeClassName?: string;
  securityContext: {
    runAsNonRoot: boolean;
    runAsUser: number;
    runAsGroup: number;
    seccompProfile: { type: string };
  };
  volumes: { name: string; emptyDir: { sizeLimit: string } }[];
}

/** What the Job controller does when the runner's container exits with one of these codes. */
export interface PodFailureRule {
  action: 'FailJob';
  onExitCodes: { containerName: string; operator: 'In'; values: readonly number[] };
}

export interface RunnerJob extends Job {
  metadata: ObjectMeta & { name: string; namespace: string };
  spec: Omit<JobSpec, 'template'> & {
    podFailurePolicy?: { rules: PodFailureRule[] };
    template: { metadata: ObjectMeta; spec: RunnerPodSpec };
  };
}
