import { beforeAll, expect, test } from '@jest/globals';
import type { UnknownObject } from '@cloudemy/k8s';
import { z } from 'zod';
import { manifestsOf } from '../deploy.js';
import { parseDeployOptions } from '../options.js';
import { find, findConfigMap, findWorkload } from '../testing/manifests.js';

let objects: UnknownObject[];
beforeAll(async () => {
  objects = await manifestsOf(parseDeployOptions(['--overlay', 'production', '--internal-port', '9000']));
});

const rules = (name: string, direction: string, namespace = 'cloudemy'): string =>
  JSON.stringify(Object(find(objects, 'NetworkPolicy', name, namespace)['spec'])[direction]);

test('services listen there, and those who ask are told so', () => {
  expect(findConfigMap(objects, 'backend').data['INTERNAL_PORT']).toBe('9000');
  expect(findConfigMap(objects, 'deployer').data['INTERNAL_PORT']).toBe('9000');
  expect(findConfigMap(objects, 'scheduler').data).toMatchObject({
    BACKEND_INTERNAL_URL: 'http://backend:9000/internal',
    RUNNER_BACKEND_INTERNAL_URL: 'http://backend.cloudemy.svc:9000/internal',
  });
  expect(find(objects, 'Service', 'backend')).toMatchObject({
    spec: { ports: [{ port: 8000 }, { name: 'internal', port: 9000 }] },
  });
  const { annotations } = findWorkload(objects, 'backend-deploy').spec.template.metadata;
  expect(annotations).toMatchObject({ 'prometheus.io/port': '9000' });
});

test('schedulers, runners and Prometheus reach that port and no longer the one of people', () => {
  for (const text of [rules('scheduler', 'egress'), rules('runner', 'egress', 'cloudemy-runners')]) {
    expect(text).toContain('"port":9000');
    expect(text).not.toContain('"port":8000');
  }
  expect(rules('metrics', 'ingress')).toMatch(/"port":9000.*"port":8001/);
  expect(rules('metrics', 'ingress')).not.toMatch(/"port":800[02]/);
});

test('people do not reach it', () => {
  const { ingress } = z
    .object({ ingress: z.array(z.object({ from: z.unknown(), ports: z.unknown() })) })
    .parse(find(objects, 'NetworkPolicy', 'backend', 'cloudemy')['spec']);
  expect(ingress.map(({ ports }) => ports)).toEqual([[{ port: 8000 }], [{ port: 9000 }]]);
  expect(JSON.stringify(ingress[0]?.from)).toContain('"frontend","deployer","smoke-test"');
  expect(JSON.stringify(ingress[1]?.from)).not.toContain('frontend');
  expect(rules('frontend', 'egress')).not.toContain('9000');
});

test.each(['8000', '80', 'http', '70000'])('%s is refused in words', (port) => {
  expect(() => parseDeployOptions([`--internal-port=${port}`])).toThrow(/port from 1024 to 65535/);
});
