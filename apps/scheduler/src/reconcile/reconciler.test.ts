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

test('a rule that hangs is told, and is not applied beside itself', async () => {
  let begun = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const hangs = { name: 'hangs', apply: () => ((begun += 1), promise) };
  const reconciler = new Reconciler([hangs], 5);
  await expect(reconciler.pass()).rejects.toThrow('could not be reconciled: hangs');
  await expect(reconciler.pass()).rejects.toThrow('could not be reconciled: hangs');
  expect(begun).toBe(1);
  resolve();
  await promise;
  await reconciler.pass();
  await reconciler.pass();
  expect(begun).toBeGreaterThan(1);
});
