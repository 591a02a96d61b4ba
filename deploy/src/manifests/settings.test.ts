// What an operator may want to change can be changed: compose passes it from the environment, deploy/ from a ConfigMap.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { settings as backend } from '@cloudemy/backend/config';
import { settings as deployer } from '@cloudemy/deployer/config';
import { settings as frontend } from '@cloudemy/frontend/config';
import { settings as scheduler } from '@cloudemy/scheduler/config';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { findConfigMap, findWorkload, readVariants } from '../testing/manifests.js';
import { deployFolder } from './folders.js';

/** Settings that no operator needs: for tests, or true of every installation. A new setting is passed, or named here. */
const internal = [
  // The image says it, and Services and probes name the same.
  'PORT',
  // How often loops turn, and after what time they step in.
  'SWEEP_INTERVAL_MS',
  'SWEEP_GRACE_MS',
  'REQUEUE_AFTER_MS',
  'QUEUED_DEADLINE_MS',
  'SCHEDULED_DEADLINE_MS',
  'RETRY_BACKOFF_MS',
  'RETRY_BACKOFF_MAX_MS',
  'REGRADE_IN_FLIGHT',
  'EVENTS_POLL_MS',
  'RESYNC_INTERVAL_MS',
  'RESULT_GRACE_MS',
  'MISSING_JOB_GRACE_MS',
  'RESULT_TOKEN_TTL_MS',
  'RECORD_TTL_S',
  // The names of Secrets that deploy/ and compose make themselves.
  'LLM_SECRET_NAME',
  'LLM_SECRET_KEY',
  'RUNNER_REDIS_SECRET_KEY',
  // In place of that Secret, where Redis has no password.
  'RUNNER_REDIS_URL',
];
/** Only of a machine of one's own, or only of an installation in a cluster. */
const notOfDeploy = [
  'PUBLISHED_ADDRESS',
  'ALLOW_INSECURE_NETWORK',
  'PUBLIC_HOSTS',
  'KUBECONFIG',
  // The scheduler tells everybody the same: how it is.
  'AUTH_MODE',
];
const notOfCompose = [
  'HOST',
  'SHUTDOWN_TIMEOUT_MS',
  // Rotated by `npm run deploy -- --rotate-secrets`; compose makes its secrets once.
  'AUTH_SECRET_PREVIOUS',
  'INTERNAL_SERVICE_TOKEN_PREVIOUS',
  'RESULT_TOKEN_SECRET_PREVIOUS',
];

const Environments = z.object({
  services: z.record(z.string(), z.object({ environment: z.record(z.string(), z.unknown()).default({}) })),
});
const compose = Environments.parse(
  parse(await readFile(join(deployFolder, '..', 'docker-compose.yml'), 'utf8'), { merge: true }),
);
const [, objects] = (await readVariants()).find(([name]) => name === 'production') ?? ['', []];

const byFile = (names: readonly string[]): string[] => names.map((name) => name.replace(/_FILE$/, ''));

describe.each([
  ['backend', backend, 'backend-deploy'],
  ['scheduler', scheduler, 'scheduler'],
  ['deployer', deployer, 'deployer'],
  ['frontend', frontend, 'frontend'],
])('every setting of the %s', (service, settings, workload) => {
  test('is passed by compose, or internal', () => {
    const passed = byFile(Object.keys(compose.services[service]?.environment ?? {}));
    const known = [...passed, ...internal, ...notOfCompose];
    expect(settings.filter((name) => !known.includes(name))).toEqual([]);
  });

  test('is passed by deploy/, or internal', () => {
    const { env = [] } = z
      .object({ env: z.array(z.object({ name: z.string() })).optional() })
      .parse(findWorkload(objects, workload).spec.template.spec.containers[0]);
    const named = [...Object.keys(findConfigMap(objects, service).data), ...env.map(({ name }) => name)];
    const known = [...byFile(named), ...internal, ...notOfDeploy];
    expect(settings.filter((name) => !known.includes(name))).toEqual([]);
  });

  test('exists, if compose or deploy/ passes it', () => {
    const passed = Object.keys(findConfigMap(objects, service).data);
    expect(passed.filter((name) => !settings.includes(name))).toEqual([]);
    const ofCompose = byFile(Object.keys(compose.services[service]?.environment ?? {}));
    // One anchor serves all three.
    const shared = ['ALLOW_INSECURE_NETWORK', 'PUBLISHED_ADDRESS'];
    expect(ofCompose.filter((name) => !settings.includes(name) && !shared.includes(name))).toEqual([]);
  });
});
