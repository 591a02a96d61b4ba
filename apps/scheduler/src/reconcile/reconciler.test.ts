import { expect, test } from '@jest/globals';
import { Reconciler } from './reconciler.js';

test('a rule that fails is named, and does not keep the others from being applied', async () => {
  const applied: string[] = [];
  const rule = (name: string, fault?: string) => ({
    name,
    apply: async () => {
      if (fault !== undefined) throw new Error(fault);
      applied.push(name);
    },
  });
  const reconciler = new Reconciler([rule('first', 'backend gone'), rule('second')]);
  await expect(reconciler.pass()).rejects.toThrow('could not be reconciled: first');
  expect(applied).toEqual(['second']);
});
