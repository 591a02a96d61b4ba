import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { find, findConfigMap } from '../testing/manifests.js';
import { readObjects } from './read.js';
import { overlays, renderedFile } from './render.js';

/** What the scheduler gives a runner, as its configuration has it by default. */
const runner = {
  'requests.ephemeral-storage': 64,
  'limits.ephemeral-storage': 256,
  'requests.cpu': 0.05,
  'requests.memory': 64,
  'limits.cpu': 1,
  'limits.memory': 256,
};

/** CPUs, or MiB. */
function amount(quantity: string): number {
  const [, digits = '', unit = ''] = /^(\d+)(m|Mi)?$/.exec(quantity) ?? [];
  return Number(digits) * (unit === 'm' ? 0.001 : 1);
}

test.each([...overlays])(
  '%s: the quota of the runners has room for all that may be in flight',
  async (overlay) => {
    const objects = await readObjects(renderedFile(overlay));
    const most = Number(findConfigMap(objects, 'scheduler').data['MAX_JOBS_IN_FLIGHT']);
    const { hard } = z
      .object({ hard: z.record(z.string(), z.string()) })
      .parse(find(objects, 'ResourceQuota', 'runners')['spec']);
    for (const [resource, each] of Object.entries({ pods: 1, ...runner })) {
      expect(amount(hard[resource] ?? '')).toBeGreaterThanOrEqual(most * each);
    }
  },
);

test.each([...overlays])(
  '%s: nothing that anybody can make in a namespace is without a bound',
  async (overlay) => {
    const objects = await readObjects(renderedFile(overlay));
    for (const name of ['runners', 'benchmarks']) {
      const { hard } = z
        .object({ hard: z.record(z.string(), z.string()) })
        .parse(find(objects, 'ResourceQuota', name)['spec']);
      const bounded = Object.keys(hard);
      for (const kind of ['pods', 'jobs.batch', 'cronjobs.batch', 'configmaps', 'secrets']) {
        expect(bounded).toContain(`count/${kind}`);
      }
      expect(bounded).toEqual(
        expect.arrayContaining(['services', 'persistentvolumeclaims', 'limits.ephemeral-storage']),
      );
    }
  },
);
