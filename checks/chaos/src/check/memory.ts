import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { repositoryFolder } from '@cloudemy/emulator-stack';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { nodePid } from '../parts/node-pid.js';
import type { World } from '../parts/world.js';
import type { PartName } from '../plan/catalogue.js';

const everyMs = 2_000;
const units: Record<string, number> = { Mi: 1, Gi: 1_024 };

const Deployment = z.object({
  kind: z.literal('Deployment'),
  spec: z.object({
    template: z.object({
      spec: z.object({
        containers: z.array(z.object({ resources: z.object({ limits: z.object({ memory: z.string() }) }) })),
      }),
    }),
  }),
});

/** The memory limit of a service's container in the manifests, in MiB. */
export async function limitOf(app: string): Promise<number> {
  const text = await readFile(join(repositoryFolder, 'deploy', 'base', `${app}.yaml`), 'utf8');
  for (const document of parseAllDocuments(text)) {
    const parsed = Deployment.safeParse(document.toJS());
    const limit = parsed.data?.spec.template.spec.containers[0]?.resources.limits.memory;
    const [, count, unit = ''] = /^(\d+)(Mi|Gi)$/.exec(limit ?? '') ?? [];
    if (count !== undefined) return Number(count) * (units[unit] ?? 1);
  }
  throw new Error(`deploy/base/${app}.yaml has no Deployment with a memory limit`);
}

/**
 * Looks at the resident memory of every service until told to end: above the limit of its pod it would have been killed.
 *
 * @returns the highest of each, in MiB, and those above their limits, in words
 */
export async function watchMemory(
  { parts }: World,
  ended: AbortSignal,
): Promise<{ peaks: Record<string, number>; over: string[] }> {
  const peaks = new Map<PartName, number>();
  while (!ended.aborted) {
    for (const [name, part] of parts) {
      const pid = isService(name) && part.process !== undefined ? await nodePid(part.process.pid) : undefined;
      const mebibytes = pid === undefined ? 0 : await residentOf(pid);
      if (mebibytes > (peaks.get(name) ?? 0)) peaks.set(name, mebibytes);
    }
    await wait(everyMs);
  }
  const over = await Promise.all(
    [...peaks].map(async ([name, peak]) => {
      const limit = await limitOf(name.replace(/-\d+$/, ''));
      return peak > limit ? [`${name} took ${peak} MiB; its pod has ${limit}`] : [];
    }),
  );
  return { peaks: Object.fromEntries(peaks), over: over.flat() };
}

const isService = (name: PartName): boolean => /^(backend|scheduler|deployer)/.test(name);

async function residentOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1_024);
}
