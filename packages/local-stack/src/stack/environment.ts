import type { StackSecrets } from './settings.js';
import { llmSecretKey, llmSecretName } from './runner-image.js';

export interface Wiring {
  mongoUri: string;
  redisUrl: string;
  kubeconfig: string;
  namespace: string;
  runnerImage: string;
  secrets: StackSecrets;
  llmBaseUrl: string | undefined;
  llmModel: string | undefined;
  /** The backend as the scheduler and the pods reach it. */
  backendUrl: string;
  /** The address at which pods reach this machine; loopback in the embedded cluster. */
  hostAddress: string;
  /** Variables of the user that go on to every service, such as LOG_LEVEL. */
  extra: Record<string, string | undefined>;
}

export const loopback = '127.0.0.1';

type Env = Record<string, string | undefined>;

/** Pods outside of this machine must reach the services: then they listen on every address, said in words. */
function listening(wiring: Wiring): Env {
  if (wiring.hostAddress === loopback) return {};
  return {
    HOST: '0.0.0.0',
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
    INTERNAL_SERVICE_TOKEN: wiring.secrets.serviceToken,
    RESULT_TOKEN_SECRET: wiring.secrets.resultTokenSecret,
  };
}

export function schedulerEnv(wiring: Wiring): Env {
  const fromPods = (url: string): string => url.replace(loopback, wiring.hostAddress);
  return {
    ...wiring.extra,
    REDIS_URL: wiring.redisUrl,
    QUEUE_SUBMISSIONS: 'queue:submissions',
    KUBECONFIG: wiring.kubeconfig,
    K8S_NAMESPACE: wiring.namespace,
    RUNNER_IMAGE: wiring.runnerImage,
    BACKEND_INTERNAL_URL: `${wiring.backendUrl}/internal`,
    RUNNER_BACKEND_INTERNAL_URL: fromPods(`${wiring.backendUrl}/internal`),
    RUNNER_REDIS_URL: fromPods(wiring.redisUrl),
    INTERNAL_SERVICE_TOKEN: wiring.secrets.serviceToken,
    LLM_SECRET_NAME: llmSecretName,
    LLM_SECRET_KEY: llmSecretKey,
    LLM_BASE_URL: wiring.llmBaseUrl === undefined ? undefined : fromPods(wiring.llmBaseUrl),
    LLM_MODEL: wiring.llmModel,
  };
}

export function deployerEnv(wiring: Wiring): Env {
  return { ...wiring.extra, MONGO_URL: wiring.mongoUri, DB_NAME: 'cloudemy', KUBECONFIG: wiring.kubeconfig };
}
