import { z } from 'zod';
import { Timestamp } from '../primitives.js';

export const SystemStatus = z
  .object({
    status: z
      .enum(['ok', 'degraded'])
      .describe('`degraded` when something does not answer or a permission is missing.'),
    version: z.string(),
    started_at: Timestamp,
    uptime_seconds: z.number(),
    cluster: z.object({
      reachable: z.boolean(),
      context: z.string().describe("Of the kubeconfig; `in-cluster` inside a pod's own cluster."),
      version: z.string().nullable(),
      message: z.string().nullable().describe('What went wrong, when it cannot be reached.'),
    }),
    database: z.object({ reachable: z.boolean(), message: z.string().nullable() }),
    permissions: z.array(
      z.object({
        namespace: z.string(),
        held: z.array(z.string()).describe('Such as `create jobs.batch in namespace default`.'),
        missing: z.array(z.string()),
      }),
    ),
    policy: z.object({
      level: z.string(),
      kinds: z.array(z.string()),
      namespaces: z.array(z.string()),
      grants: z
        .array(
          z.object({
            roles: z.array(z.string()),
            users: z.array(z.string()),
            namespaces: z.array(z.string()),
            kinds: z.array(z.string()),
          }),
        )
        .nullable()
        .describe('Who may use what of it, as DEPLOYER_GRANTS says; null for who is no administrator.'),
    }),
    sessions: z
      .object({
        open: z.int(),
        limit: z.int().nullable().describe('At most so many in all.'),
        limit_per_user: z.int().describe('And of one user.'),
      })
      .describe('Terminals.'),
    deployments: z
      .record(z.string(), z.int())
      .nullable()
      .describe('How many by stage: deploying, deployed, incomplete, deleting. Null without a database.'),
  })
  .meta({ id: 'SystemStatus' });
export type SystemStatus = z.output<typeof SystemStatus>;
