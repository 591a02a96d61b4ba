import { expect, test } from '@jest/globals';
import { configMapYaml } from '../testing/yaml.js';
import { YamlReader } from './yaml-reader.js';

const limits = { maxBytes: 1_024 * 1_024, maxDocuments: 100 };

/** Sixty documents, each unrolled to just below what one text may have. */
const unrolled = Array.from({ length: 60 }, (_, i) => {
  const levels = ['a0: &a0 [x,x,x,x,x,x,x,x]', 'a1: &a1 [*a0,*a0,*a0,*a0,*a0,*a0,*a0,*a0]'];
  const more = ['a2: &a2 [*a1,*a1,*a1,*a1,*a1,*a1,*a1,*a1]', 'a3: [*a2,*a2,*a2,*a2,*a2,*a2,*a2,*a2]'];
  return `${configMapYaml(`c${i}`)}${[...levels, ...more].join('\n')}`;
}).join('\n---\n');

test('what anchors unroll to counts over all documents of a text', async () => {
  const { objects, faults } = await new YamlReader(limits).read('u', unrolled);
  expect(faults).toHaveLength(1);
  expect(faults[0]?.error).toMatchObject({ document: 4, reason: expect.stringContaining('20000 values') });
  expect(objects).toHaveLength(3);
});

test('others get a turn while a long text is read', async () => {
  const reader = new YamlReader(limits);
  const long = Array.from({ length: 100 }, (_, i) => configMapYaml(`c${i}`)).join('\n---\n');
  let turns = 0;
  const count = (): void => {
    turns += 1;
    again = setImmediate(count);
  };
  let again = setImmediate(count);
  await reader.read('u', long);
  clearImmediate(again);
  expect(turns).toBeGreaterThanOrEqual(99);
});

test('one text of a user is read at a time, in order, and too many are refused', async () => {
  const reader = new YamlReader(limits);
  const order: number[] = [];
  const reads = Array.from({ length: 20 }, (_, i) =>
    reader.read('u', configMapYaml('c')).then(() => order.push(i)),
  );
  await expect(reader.read('u', 'x')).rejects.toMatchObject({ code: 'rate_limited', status: 429 });
  await expect(reader.read('another', configMapYaml('c'))).resolves.toMatchObject({ faults: [] });
  await Promise.all(reads);
  expect(order).toEqual([...order].sort((a, b) => a - b));
  await expect(reader.read('u', configMapYaml('c'))).resolves.toMatchObject({ faults: [] });
});
