import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { repositoryFolder } from '../folders.js';
import { networkPolicies } from './network-policies.js';

const read = (name: string) => readFile(join(repositoryFolder, 'deploy/base/network', name), 'utf8');

test('a cluster of compose keeps runners and benchmarks in as an installation of deploy/ does', async () => {
  const policies = networkPolicies(
    { runners: await read('runners.yaml'), benchmarks: await read('benchmarks.yaml') },
    { runners: 'graders', benchmarks: ['default', 'benches'] },
    ['http://10.208.82.10:8000/internal', 'redis://10.208.82.11:6379', 'https://model.example/v1'],
  );
  const namesIn = (namespace: string) =>
    policies.filter(({ metadata }) => metadata.namespace === namespace).map(({ metadata }) => metadata.name);
  expect(namesIn('graders')).toEqual(['default-deny', 'dns', 'runner', 'services']);
  expect(namesIn('default')).toEqual(['default-deny', 'dns', 'benchmarks']);
  expect(namesIn('benches')).toEqual(['default-deny', 'dns', 'benchmarks']);
  expect(policies.find(({ metadata }) => metadata.name === 'services')?.spec).toEqual({
    podSelector: {},
    policyTypes: ['Egress'],
    egress: [
      { to: [{ ipBlock: { cidr: '10.208.82.10/32' } }], ports: [{ port: 8000 }] },
      { to: [{ ipBlock: { cidr: '10.208.82.11/32' } }], ports: [{ port: 6379 }] },
    ],
  });
});
