import type { ContainerStatus, Pod } from '../../kubelet/pod.js';
import type { FailureRule, Job } from './job.js';

/** What the Job's podFailurePolicy says of one failed pod. */
export interface Verdict {
  action: 'FailJob' | 'Ignore' | 'Count';
  /** Why, when the Job is to fail. */
  message: string;
}

function failedContainer(
  pod: Pod,
  rule: NonNullable<FailureRule['onExitCodes']>,
): ContainerStatus | undefined {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  return statuses.find(({ name, state }) => {
    const code = state.terminated?.exitCode ?? 0;
    const concerned = rule.containerName === undefined || rule.containerName === name;
    return code !== 0 && concerned && (rule.operator === 'In') === rule.values.includes(code);
  });
}

function matches(pod: Pod, rule: FailureRule, index: number): string | undefined {
  const where = `${pod.metadata.namespace}/${pod.metadata.name}`;
  const words = `matching ${rule.action} rule at index ${index}`;
  if (rule.onExitCodes !== undefined) {
    const container = failedContainer(pod, rule.onExitCodes);
    return container === undefined
      ? undefined
      : `Container ${container.name} for pod ${where} failed with exit code ${container.state.terminated?.exitCode} ${words}`;
  }
  const condition = rule.onPodConditions?.find(({ type, status = 'True' }) =>
    pod.status?.conditions?.some((held) => held.type === type && held.status === status),
  );
  return condition === undefined ? undefined : `Pod ${where} has condition ${condition.type} ${words}`;
}

/** The first rule that fits decides; a pod no rule fits is counted. */
export function judge(job: Job, pod: Pod): Verdict {
  for (const [index, rule] of (job.spec.podFailurePolicy?.rules ?? []).entries()) {
    const message = matches(pod, rule, index);
    if (message !== undefined) {
      return { action: rule.action === 'FailIndex' ? 'Count' : rule.action, message };
    }
  }
  return { action: 'Count', message: '' };
}
