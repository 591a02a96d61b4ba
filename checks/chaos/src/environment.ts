import { z } from 'zod';
import { UsageError } from './options.js';

/** The variables of the end-to-end suite: another cluster, and how its pods reach this machine. */
const Environment = z
  .object({
    E2E_KUBECONFIG: z.string().optional(),
    E2E_NAMESPACE: z.string().default('default'),
    E2E_HOST_ADDRESS: z.string().default('127.0.0.1'),
    RUNNER_IMAGE: z.string().optional(),
  })
  .refine(
    ({ E2E_KUBECONFIG, RUNNER_IMAGE }) => E2E_KUBECONFIG === undefined || RUNNER_IMAGE !== undefined,
    'With E2E_KUBECONFIG, RUNNER_IMAGE must name a runner image that the cluster can pull.',
  );

export interface Surroundings {
  /** Undefined: the embedded cluster. */
  kubeconfig: string | undefined;
  namespace: string;
  hostAddress: string;
  runnerImage: string | undefined;
}

/** @throws UsageError naming the variable at fault */
export function readEnvironment(env: NodeJS.ProcessEnv): Surroundings {
  const outcome = Environment.safeParse(env);
  if (!outcome.success) {
    throw new UsageError(outcome.error.issues.map(({ message }) => message).join('\n'), {
      cause: outcome.error,
    });
  }
  const parsed = outcome.data;
  return {
    kubeconfig: parsed.E2E_KUBECONFIG,
    namespace: parsed.E2E_NAMESPACE,
    hostAddress: parsed.E2E_HOST_ADDRESS,
    runnerImage: parsed.RUNNER_IMAGE,
  };
}
