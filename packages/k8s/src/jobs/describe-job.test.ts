import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Job, KubeEvent, Pod } from '../objects/types.js';
import { describeJob } from './describe-job.js';

const FIXTURES = new URL('fixtures/', import.meta.url);

/** What a Kubernetes 1.36 cluster showed of a Job at one moment, cut to what is read here. */
function load(name: string): { job: Job; pods: Pod[]; events: KubeEvent[] } {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FIXTURES), 'utf8'));
}

const EXPECTED: Record<
  string,
  { phase: string; reason: string; message: string | RegExp; canHeal?: boolean }
> = {
  'success-job-created': { phase: 'pending', reason: 'waiting_for_pod', message: /waits for its pod/ },
  'success-container-creating': { phase: 'pending', reason: 'starting', message: /being started/ },
  'init-container-running': { phase: 'pending', reason: 'starting', message: /being started/ },
  'success-running': { phase: 'running', reason: 'running', message: 'the Job is running' },
  success: { phase: 'succeeded', reason: 'completed', message: 'the Job completed' },
  parallel: { phase: 'running', reason: 'running', message: 'the Job is running' },
  suspended: { phase: 'suspended', reason: 'suspended', message: /^the Job is suspended/ },
  'exit-code-1': { phase: 'failed', reason: 'exit_code', message: 'container main exited with code 1' },
  'exit-code-1-before-second-try': {
    phase: 'pending',
    reason: 'exit_code',
    message: 'container main exited with code 1; another try follows',
    canHeal: true,
  },
  'exit-code-1-on-failure': { phase: 'failed', reason: 'failed', message: /specified backoff limit/ },
  'pod-failure-policy': { phase: 'failed', reason: 'exit_code', message: /code 42/ },
  'termination-message': { phase: 'failed', reason: 'exit_code', message: /code 3: the model refused$/ },
  'init-container-fails': {
    phase: 'failed',
    reason: 'exit_code',
    message: 'init container prepare exited with code 3',
  },
  'crash-loop-back-off': {
    phase: 'running',
    reason: 'crash_loop',
    message: /keeps failing .* exited with code 1$/,
    canHeal: true,
  },
  'crash-loop-terminated': {
    phase: 'running',
    reason: 'crash_loop',
    message: /keeps failing/,
    canHeal: true,
  },
  'killed-by-segv': {
    phase: 'failed',
    reason: 'killed_by_signal',
    message: /SIGSEGV \(invalid memory access\)/,
  },
  'oom-killed': { phase: 'failed', reason: 'out_of_memory', message: /more memory than its limit/ },
  'deadline-exceeded-pods-left': {
    phase: 'failed',
    reason: 'deadline_exceeded',
    message: 'the Job took longer than its deadline of 3 s',
  },
  'deadline-exceeded': {
    phase: 'failed',
    reason: 'deadline_exceeded',
    message: 'the Job took longer than its deadline of 3 s',
  },
  'err-image-pull': {
    phase: 'pending',
    reason: 'image_pull_failed',
    message: 'the image "registry.invalid/team/none:1" could not be pulled: there is no such image or tag',
    canHeal: true,
  },
  'image-pull-back-off': {
    phase: 'pending',
    reason: 'image_pull_failed',
    message: /no such image/,
    canHeal: true,
  },
  'image-tag-missing': {
    phase: 'pending',
    reason: 'image_pull_failed',
    message: /busybox:no-such-tag/,
    canHeal: true,
  },
  'err-image-never-pull': {
    phase: 'pending',
    reason: 'image_not_present',
    message: /policy is Never/,
    canHeal: true,
  },
  'invalid-image-name': {
    phase: 'pending',
    reason: 'image_name_invalid',
    message: 'the image name "Bad_Image::NAME" is not valid',
    canHeal: false,
  },
  'invalid-image-name-deadline': {
    phase: 'failed',
    reason: 'image_name_invalid',
    message: 'the image name "Bad_Image::NAME" is not valid; the Job reached its deadline of 20 s',
  },
  'unschedulable-cpu': {
    phase: 'pending',
    reason: 'unschedulable',
    message: 'no node can take the pod: 0/1 nodes are available: 1 Insufficient cpu.',
    canHeal: true,
  },
  'unschedulable-node-selector': {
    phase: 'pending',
    reason: 'unschedulable',
    message: /node affinity/,
    canHeal: true,
  },
  'missing-secret': {
    phase: 'pending',
    reason: 'secret_missing',
    message: 'the Secret "not-there" does not exist',
    canHeal: true,
  },
  'missing-secret-cured': { phase: 'succeeded', reason: 'completed', message: 'the Job completed' },
  'missing-key': {
    phase: 'pending',
    reason: 'config_map_missing',
    message: 'the ConfigMap "kube-root-ca.crt" has no key "nokey"',
    canHeal: true,
  },
  'missing-configmap-volume': {
    phase: 'pending',
    reason: 'config_map_missing',
    message: 'the ConfigMap "not-there" does not exist',
    canHeal: true,
  },
  'missing-service-account': {
    phase: 'pending',
    reason: 'service_account_missing',
    message: /ServiceAccount "not-there" does not exist/,
    canHeal: true,
  },
  'quota-exceeded': { phase: 'pending', reason: 'quota_exceeded', message: /exceeded quota/, canHeal: true },
  'pod-security-refused': {
    phase: 'pending',
    reason: 'admission_refused',
    message: /PodSecurity/,
    canHeal: false,
  },
  'command-not-found': {
    phase: 'failed',
    reason: 'start_error',
    message: 'container main could not be started: /no/such/binary: no such file or directory',
  },
  'command-not-executable': {
    phase: 'failed',
    reason: 'start_error',
    message: /\/etc\/passwd: permission denied$/,
  },
  'pod-deleted-by-hand': {
    phase: 'pending',
    reason: 'pod_deleted',
    message: /another try follows/,
    canHeal: true,
  },
};

describe('describeJob', () => {
  it('has an expectation for every fixture', () => {
    const names = readdirSync(FIXTURES).map((file) => file.replace('.json', ''));
    expect(Object.keys(EXPECTED).sort()).toEqual(names.sort());
  });

  it.each(Object.entries(EXPECTED))('%s', (name, expected) => {
    const { job, pods, events } = load(name);
    const outcome = describeJob(job, pods, events);
    expect({ phase: outcome.phase, reason: outcome.reason }).toEqual({
      phase: expected.phase,
      reason: expected.reason,
    });
    if (typeof expected.message === 'string') expect(outcome.message).toBe(expected.message);
    else expect(outcome.message).toMatch(expected.message);
    if (expected.canHeal !== undefined) expect(outcome.canHeal).toBe(expected.canHeal);
    if (outcome.phase === 'failed') expect(outcome.canHeal).toBe(false);
  });

  it('tells a decided failure from a finished one', () => {
    const left = load('deadline-exceeded-pods-left');
    const done = load('deadline-exceeded');
    expect(describeJob(left.job, left.pods).finished).toBe(false);
    expect(describeJob(done.job, done.pods).finished).toBe(true);
  });

  it('names pod, container, exit code and signal', () => {
    const { job, pods } = load('killed-by-segv');
    expect(describeJob(job, pods)).toMatchObject({ container: 'main', exitCode: 139, signal: 'SIGSEGV' });
    expect(describeJob(job, pods).pod).toMatch(/^sig-/);
  });

  it('does not take events of a predecessor of the same name for its own', () => {
    const { job, pods, events } = load('missing-service-account');
    const another = { ...job, metadata: { ...job.metadata, uid: 'another' } };
    expect(describeJob(another, pods, events).reason).toBe('waiting_for_pod');
  });

  it('reports an eviction and a lost node as such', () => {
    const { job, pods } = load('exit-code-1');
    const evicted = pods.map((pod) => ({
      ...pod,
      status: { ...pod.status, reason: 'Evicted', message: 'The node was low on resource: memory. ' },
    }));
    expect(describeJob(job, evicted)).toMatchObject({
      reason: 'evicted',
      message: 'the node evicted the pod: The node was low on resource: memory.',
    });
    const lost = pods.map((pod) => ({
      ...pod,
      status: {
        ...pod.status,
        conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager' }],
      },
    }));
    expect(describeJob(job, lost).reason).toBe('node_lost');
  });
});
