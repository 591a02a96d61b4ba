import { jobLabels, permanentExitCodes, runnerJobName } from '@cloudemy/contracts';
import type { Config } from '../config.js';
import type { ClaimedAttempt, RunnerJob } from './manifest-types.js';
import { runnerEnv } from './runner-env.js';
import { runnerLabels } from '../jobs/runner-jobs.js';

/** The user the runner's image is built for; named by number, so that the kubelet can see it is not root. */
const runnerUser = 10_001;

const containerName = 'runner';

/** Seconds for a runner told to stop: enough to say so, not enough to grade. */
const terminationGraceSeconds = 5;

/**
 * The Job that grades one attempt. Passes Pod Security `restricted`
 * (https://kubernetes.io/docs/concepts/security/pod-security-standards/). The same attempt gives the same Job.
 */
export function buildRunnerJob(config: Config, claimed: ClaimedAttempt): RunnerJob {
  const labels = labelsOf(config, claimed);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: runnerJobName(claimed.submission_id, claimed.attempt),
      namespace: config.K8S_NAMESPACE,
      labels,
    },
    spec: {
      backoffLimit: config.RUNNER_BACKOFF_LIMIT,
      activeDeadlineSeconds: config.RUNNER_ACTIVE_DEADLINE_SECONDS,
      ttlSecondsAfterFinished: config.RUNNER_TTL_SECONDS,
      ...failurePolicy(config),
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: config.RUNNER_RESTART_POLICY,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          terminationGracePeriodSeconds: terminationGraceSeconds,
          ...(config.RUNNER_RUNTIME_CLASS === undefined
            ? {}
            : { runtimeClassName: config.RUNNER_RUNTIME_CLASS }),
          securityContext: {
            runAsNonRoot: true,
            runAsUser: runnerUser,
            runAsGroup: runnerUser,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [
            {
              name: containerName,
              image: config.RUNNER_IMAGE,
              imagePullPolicy: config.RUNNER_IMAGE_PULL_POLICY,
              env: runnerEnv(config, claimed),
              resources: {
                requests: { cpu: config.RUNNER_CPU_REQUEST, memory: config.RUNNER_MEMORY_REQUEST },
                limits: { cpu: config.RUNNER_CPU_LIMIT, memory: config.RUNNER_MEMORY_LIMIT },
              },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
              terminationMessagePolicy: 'FallbackToLogsOnError',
              volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
            },
          ],
          volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '64Mi' } }],
        },
      },
    },
  };
}

/**
 * Ends the Job at once when the runner says that another try of the same Job would end the same way. Kubernetes takes
 * such a policy with `restartPolicy: Never` only.
 */
function failurePolicy({ RUNNER_RESTART_POLICY }: Config): Pick<RunnerJob['spec'], 'podFailurePolicy'> {
  if (RUNNER_RESTART_POLICY !== 'Never') return {};
  const onExitCodes = { containerName, operator: 'In' as const, values: [...permanentExitCodes] };
  return { podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes }] } };
}

function labelsOf({ INSTANCE }: Config, { submission_id, attempt }: ClaimedAttempt): Record<string, string> {
  return {
    ...runnerLabels(INSTANCE),
    [jobLabels.submission]: submission_id,
    [jobLabels.attempt]: String(attempt),
  };
}
