import type { StackSettings } from './settings.js';
import { fromPods, isLoopback } from './host-address.js';
import { llmSecretKey, llmSecretName } from './installation.js';

export interface Wiring {
  mongoUri: string;
  redisUrl: string;
  kubeconfig: string;
  namespace: string;
  benchmarkNamespaces: readonly string[];
  runnerImage: string;
  settings: StackSettings;
  llmBaseUrl: string | undefined;
  llmModel: string | undefined;
  /** The backend as the scheduler reaches it. */
  backendUrl: string;
  /** The address at which pods reach this machine; loopback in the embedded cluster. */
  hostAddress: string;
  /** Variables of the user that go on to every service, such as LOG_LEVEL. */
  extra: Record<string, string | undefined>;
}

/** The first administrator, where people sign in. */
export const adminEmail = 'admin@cloudemy.local';

type Env = Record<string, string | undefined>;

/** Pods outside of this machine must reach the services: then they listen on every address, said in words. */
function listening({ hostAddress }: Wiring): Env {
  if (isLoopback(hostAddress)) return {};
  return {
    HOST: '0.0.0.0',
    // An address needs no saying, but it may be a name.
    PUBLIC_HOSTS: hostAddress,
    ALLOW_INSECURE_NETWORK: 'yes-anyone-who-can-reach-this-may-do-anything',
  };
}

export function backendEnv(wiring: Wiring): Env {
  return {
    ...wiring.extra,
    ...listening(wiring),
    MONGO_URI: wiring.mongoUri,
    DB_NAME: 'cloudemy',
    REDIS_URL: wiring.redisUrl,
    QUEUE_SUBMISSIONS: 'queue:submissions',
    INTERNAL_SERVICE_TOKEN: wiring.settings.serviceToken,
    RESULT_TOKEN_SECRET: wiring.settings.resultTokenSecret,
    AUTH_SECRET: wiring.settings.authSecret,
    ADMIN_EMAIL: adminEmail,
    ADMIN_PASSWORD: wiring.settings.adminPassword,
  };
}

export function schedulerEnv(wiring: Wiring): Env {
  const { hostAddress, settings, llmBaseUrl } = wiring;
  return {
    ...wiring.extra,
    REDIS_URL: wiring.redisUrl,
    QUEUE_SUBMISSIONS: 'queue:submissions',
    KUBECONFIG: wiring.kubeconfig,
    K8S_NAMESPACE: wiring.namespace,
    INSTANCE: settings.instance,
    RUNNER_IMAGE: wiring.runnerImage,
    BACKEND_INTERNAL_URL: `${wiring.backendUrl}/internal`,
    RUNNER_BACKEND_INTERNAL_URL: fromPods(`${wiring.backendUrl}/internal`, hostAddress),
    RUNNER_REDIS_URL: fromPods(wiring.redisUrl, hostAddress),
    INTERNAL_SERVICE_TOKEN: settings.serviceToken,
    LLM_SECRET_NAME: llmSecretName(settings.instance),
    LLM_SECRET_KEY: llmSecretKey,
    LLM_BASE_URL: llmBaseUrl === undefined ? undefined : fromPods(llmBaseUrl, hostAddress),
    LLM_MODEL: wiring.llmModel,
  };
}

export function deployerEnv(wiring: Wiring): Env {
  return {
    ...wiring.extra,
    MONGO_URL: wiring.mongoUri,
    DB_NAME: 'cloudemy',
    KUBECONFIG: wiring.kubeconfig,
    DEPLOYER_NAMESPACES: wiring.benchmarkNamespaces.join(','),
    AUTH_BACKEND_URL: wiring.backendUrl,
    INTERNAL_SERVICE_TOKEN: wiring.settings.serviceToken,
    REDIS_URL: wiring.redisUrl,
  };
}

export function frontendEnv(wiring: Wiring, deployerUrl: string): Env {
  return {
    ...wiring.extra,
    ...listening(wiring),
    NEXT_PUBLIC_API_BASE_URL: wiring.backendUrl,
    DEPLOYER_URL: deployerUrl,
  };
}
