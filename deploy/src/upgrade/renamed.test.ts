import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startEmbedded } from '../testing/embedded.js';
import { removeFormer } from './renamed.js';

let cluster: Awaited<ReturnType<typeof startEmbedded>>;
beforeAll(async () => {
  cluster = await startEmbedded();
});
afterAll(() => cluster.close());

test('what had another name in an earlier version goes, is told, and is no error once it is gone', async () => {
  const metadata = { name: 'llm-stand-in', namespace: 'cloudemy' };
  await cluster.objects.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'cloudemy' } });
  await cluster.objects.apply({
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: { selector: { app: 'llm-stand-in' }, ports: [{ port: 8080 }] },
  });
  const lines: string[] = [];
  await removeFormer(cluster.objects, (line) => lines.push(line));
  expect(lines).toEqual(['Removed Service cloudemy/llm-stand-in: it has another name now.']);

  await removeFormer(cluster.objects, (line) => lines.push(line));
  expect(lines).toHaveLength(1);
});
