import type { deployerApi } from '../apis/deployer.js';
import { type AccessRule, users } from './rule.js';

const own = ['own'] as const;
const any = ['any'] as const;
const owners = { 'runner-operator': own, admin: any } as const;

const webhookOwners = { 'runner-operator': own, admin: own } as const;

/** Who may do what on the deployer, and on whose. An operation without a row does not compile. */
export const deployerAccess = {
  deploy: users('benchmarks:write', owners),
  deleteByYaml: users('benchmarks:write', owners),
  listDeployments: users('benchmarks:read', owners),
  getDeployment: users('benchmarks:read', owners),
  deleteDeployment: users('benchmarks:write', owners),

  getJobStatus: users('benchmarks:read', owners),
  getJobLogs: users('benchmarks:read', owners),
  postJobLogs: users('benchmarks:read', owners),

  openJobTerminal: users('terminals', owners),
  createTerminal: users('terminals', owners),
  listTerminals: users('terminals', owners),
  endTerminal: users('terminals', owners),
  endJobTerminals: users('terminals', owners),
  createTerminalTicket: users('terminals', owners),
  connectTerminal: users('terminals', owners),

  createWebhook: users('benchmarks:write', webhookOwners),
  listWebhooks: users('benchmarks:read', webhookOwners),
  getWebhook: users('benchmarks:read', webhookOwners),
  updateWebhook: users('benchmarks:write', webhookOwners),
  deleteWebhook: users('benchmarks:write', webhookOwners),
  rotateWebhookSecret: users('benchmarks:write', webhookOwners),
  testWebhook: users('benchmarks:write', webhookOwners),
  listWebhookDeliveries: users('benchmarks:read', webhookOwners),
  replayWebhookDelivery: users('benchmarks:write', webhookOwners),

  getStatus: users('benchmarks:read', { 'runner-operator': any, admin: any }),
  listAudit: users('none', { admin: any }),
} as const satisfies Record<keyof typeof deployerApi, AccessRule>;
