import { z } from 'zod';
import { People } from './people.js';

/** Which cluster the suite runs against, and what it may use there. README.md says more. */
const E2eEnv = z.object({
  /** Any cluster; the embedded one when not set. */
  E2E_KUBECONFIG: z.string().min(1).optional(),
  /** An image with a shell that the nodes can pull. */
  E2E_IMAGE: z.string().min(1).default('busybox'),
  E2E_NAMESPACE: z.string().min(1).default('default'),
  /** Where runners work; one of their own in the embedded cluster, E2E_NAMESPACE in another. */
  E2E_RUNNER_NAMESPACE: z.string().min(1).optional(),
  /** Services that run already on the cluster of E2E_KUBECONFIG: nothing is started then. */
  E2E_BACKEND_URL: z.url().optional(),
  E2E_DEPLOYER_URL: z.url().optional(),
  /** Their INSTANCE. */
  E2E_INSTANCE: z.string().min(1).default('cloudemy'),
  /** Whether people sign in to the services that are started. */
  AUTH_MODE: z.enum(['off', 'jwt']).default('off'),
  /** The administrator of services that run already, where people sign in to them. */
  E2E_ADMIN_EMAIL: z.string().optional(),
  E2E_ADMIN_PASSWORD: z.string().optional(),
  /** The address at which pods reach this machine. */
  E2E_HOST_ADDRESS: z.string().optional(),
  RUNNER_IMAGE: z.string().min(1).optional(),
  LLM_API_KEY: z.string().optional(),
  LLM_BASE_URL: z.string().optional(),
  LLM_MODEL: z.string().optional(),
});

/** Where runners work. With accounts, it is not where people deploy. */
export function runnerNamespace(env: z.output<typeof E2eEnv>): string {
  const usual = env.E2E_KUBECONFIG === undefined ? 'cloudemy-runners' : env.E2E_NAMESPACE;
  return env.E2E_RUNNER_NAMESPACE ?? usual;
}

export const readE2eEnv = (): z.output<typeof E2eEnv> => E2eEnv.parse(process.env);

/** Where the stack of this run is, as global-setup left it. */
const StackEnv = z.object({
  E2E_STACK_BACKEND: z.url(),
  E2E_STACK_DEPLOYER: z.url(),
  E2E_STACK_KUBECONFIG: z.string(),
  /** The run's own name: begins the name of nothing else in the cluster. */
  E2E_STACK_RUN: z.string(),
  /** What the scheduler's Jobs are labelled with. */
  E2E_STACK_INSTANCE: z.string(),
  /** What requests are made with, as JSON. */
  E2E_STACK_PEOPLE: z.string().transform((text) => People.parse(JSON.parse(text))),
});

export const readStackEnv = (): z.output<typeof StackEnv> => StackEnv.parse(process.env);
