import { z } from 'zod';
import { Id, Timestamp } from '../primitives.js';

/** Kubernetes gives times to the second. */
const instant = Timestamp.nullable();

export const ContainerStatus = z
  .object({
    name: z.string(),
    type: z.enum(['init', 'main', 'ephemeral']),
    image: z.string().nullable(),
    state: z.enum(['waiting', 'running', 'terminated']),
    ready: z.boolean(),
    restarts: z.int().min(0),
    reason: z.string().nullable().describe("The kubelet's word, such as `ImagePullBackOff` or `OOMKilled`."),
    message: z.string().nullable(),
    exit_code: z.int().nullable(),
    signal: z.string().nullable().describe('What ended the process, such as `SIGKILL`.'),
    started_at: instant,
    finished_at: instant,
  })
  .meta({ id: 'ContainerStatus' });
export type ContainerStatus = z.output<typeof ContainerStatus>;

export const PodStatus = z
  .object({
    name: z.string(),
    phase: z.string().describe('`Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`.'),
    terminating: z.boolean(),
    node: z.string().nullable(),
    reason: z.string().nullable().describe('Why it does not run, as a code; null when it does.'),
    message: z.string().nullable().describe('Why it does not run, in words; null when it does.'),
    created_at: instant,
    started_at: instant,
    containers: z.array(ContainerStatus),
  })
  .meta({ id: 'PodStatus' });
export type PodStatus = z.output<typeof PodStatus>;

export const JobStatus = z
  .object({
    job_name: z.string(),
    namespace: z.string(),
    uid: z.string(),
    deployment_id: Id,
    phase: z.enum(['pending', 'running', 'succeeded', 'failed', 'suspended']),
    reason: z.string().describe('Why it is where it is, as a stable code.'),
    message: z.string().describe('The same in words.'),
    finished: z.boolean().describe('Whether nothing of it runs any more.'),
    troubled: z.boolean().describe('Whether something is wrong, even if it may still heal.'),
    conditions: z.array(
      z.object({
        type: z.string(),
        status: z.string(),
        reason: z.string().nullable(),
        message: z.string().nullable(),
        last_transition_time: instant,
      }),
    ),
    counts: z
      .object({
        active: z.int(),
        ready: z.int(),
        succeeded: z.int(),
        failed: z.int(),
        terminating: z.int(),
      })
      .describe('Of its pods.'),
    parallelism: z.int().nullable(),
    completions: z.int().nullable(),
    backoff_limit: z.int().nullable(),
    created_at: instant,
    started_at: instant,
    finished_at: instant,
    duration_seconds: z.number().nullable().describe('From its start until its end or now.'),
    pods: z.array(PodStatus).describe('Oldest first.'),
  })
  .meta({ id: 'JobStatus' });
export type JobStatus = z.output<typeof JobStatus>;
