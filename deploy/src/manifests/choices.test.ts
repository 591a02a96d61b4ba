import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { parseDeployOptions } from '../options.js';
import { find, findConfigMap, findWorkload } from '../testing/manifests.js';
import { manifestsOf } from '../deploy.js';
import { rollOnChange } from './roll-on-change.js';
import { isWorkload } from './objects.js';
import { secretOf } from '../secrets/secret.js';

const compose = (...args: string[]) => manifestsOf(parseDeployOptions(args));

test('registry and tag hold for all images of Cloudemy, the runner too, and for no other', async () => {
  const objects = await compose('--image-registry', 'registry.example:5000/team/', '--image-tag', '2.0');
  const images = objects
    .filter(isWorkload)
    .flatMap(({ spec }) => spec.template.spec.containers.map(({ image }) => image));
  expect(images.toSorted()).toEqual([
    'mongo:8.0',
    'redis:7-bookworm',
    'registry.example:5000/team/cloudemy/backend:2.0',
    'registry.example:5000/team/cloudemy/deployer:2.0',
    'registry.example:5000/team/cloudemy/frontend:2.0',
    'registry.example:5000/team/cloudemy/scheduler:2.0',
  ]);
  const { RUNNER_IMAGE } = findConfigMap(objects, 'scheduler').data;
  expect(RUNNER_IMAGE).toBe('registry.example:5000/team/cloudemy/runner:2.0');
});

test('any image can be another', async () => {
  const objects = await compose('--image', 'mongo=mirror.example/mongo@sha256:00');
  expect(findWorkload(objects, 'mongo').spec.template.spec.containers[0]?.image).toBe(
    'mirror.example/mongo@sha256:00',
  );
});

test('storage: a class of its own, or none', async () => {
  const fast = findWorkload(await compose('--storage-class', 'fast'), 'mongo').spec;
  expect(fast.volumeClaimTemplates?.[0]?.spec.storageClassName).toBe('fast');
  const none = findWorkload(await compose('--storage-class', 'none'), 'redis').spec;
  expect(none.volumeClaimTemplates).toBeUndefined();
  expect(none.template.spec.volumes).toContainEqual({ name: 'data', emptyDir: {} });
});

test('another LLM is named to the scheduler beside its own settings', async () => {
  const objects = await compose('--llm-base-url', 'https://llm.example/v1', '--llm-model', 'small');
  expect(findConfigMap(objects, 'llm-endpoint').data).toEqual({
    LLM_BASE_URL: 'https://llm.example/v1',
    LLM_MODEL: 'small',
  });
});

test('the frontend believes nobody about addresses unless it is said whom; the services believe the frontend', async () => {
  const trusted = async (...args: string[]) => {
    const all = await compose(...args);
    return ['frontend', 'backend', 'deployer'].map((name) => findConfigMap(all, name).data['TRUST_PROXY']);
  };
  expect(await trusted()).toEqual(['0', '1', '1']);
  expect(await trusted('--trust-proxy', '2')).toEqual(['2', '1', '1']);
  const ranges = await trusted('--trust-proxy', '192.0.2.7, 2001:db8::/32');
  expect(ranges).toEqual(['192.0.2.7/32,2001:db8::/32', '1', '1']);
});

test('addresses that are to be kept out are in every policy that opens the internet, by their family', async () => {
  const all = await compose('--keep-out', '203.0.113.0/24', '--keep-out', '2001:db8::/32');
  for (const [name, namespace] of [
    ['benchmarks', 'cloudemy-benchmarks'],
    ['runner', 'cloudemy-runners'],
  ] as const) {
    const spec = JSON.stringify(find(all, 'NetworkPolicy', name, namespace)['spec']);
    expect(spec).toMatch(
      /"cidr":"0\.0\.0\.0\/0","except":\[[^\]]*"168\.63\.129\.16\/32"[^\]]*"203\.0\.113\.0\/24"\]/,
    );
    expect(spec).toMatch(/"cidr":"::\/0","except":\[[^\]]*"64:ff9b::\/96","2001:db8::\/32"\]/);
  }
});

test.each([
  [
    [],
    [
      { port: 80, protocol: 'TCP' },
      { port: 443, protocol: 'TCP' },
      { port: 443, protocol: 'UDP' },
    ],
  ],
  [['--benchmark-ports', 'all'], undefined],
  [
    ['--benchmark-ports', '22,5000-5100'],
    [
      { port: 22, protocol: 'TCP' },
      { port: 22, protocol: 'UDP' },
      { port: 5_000, endPort: 5_100, protocol: 'TCP' },
      { port: 5_000, endPort: 5_100, protocol: 'UDP' },
    ],
  ],
])('benchmarks reach the web, unless told otherwise: %j', async (args, ports) => {
  const all = await compose(...args);
  const { egress } = z
    .object({ egress: z.array(z.object({ to: z.unknown(), ports: z.unknown().optional() })) })
    .parse(find(all, 'NetworkPolicy', 'benchmarks', 'cloudemy-benchmarks')['spec']);
  // One another first, on all ports.
  expect(egress[0]).toEqual({ to: [{ podSelector: {} }] });
  expect(egress[1]?.ports).toEqual(ports);
});

test('the embedded MongoDB takes the place of MongoDB', async () => {
  const objects = await compose('--mongo-emulator');
  expect(findWorkload(objects, 'mongo').spec.template.spec.containers[0]?.image).toMatch(
    /^cloudemy\/emulators:/,
  );
});

test('a changed setting replaces the pods that read it, and no others', async () => {
  const objects = await compose();
  const other = await compose('--image-tag', '2.0');
  const digests = (all: typeof objects) =>
    new Map(
      rollOnChange(all, [])
        .filter(isWorkload)
        .map(({ metadata, spec }) => [metadata.name, spec.template.metadata.annotations]),
    );
  const [before, after] = [digests(objects), digests(other)];
  expect(after.get('scheduler')).not.toEqual(before.get('scheduler'));
  expect(after.get('backend-deploy')).toEqual(before.get('backend-deploy'));
});

test('the order in which a server gives back the values of a Secret replaces no pods', async () => {
  const objects = await compose();
  const digests = (values: [string, string][]) =>
    rollOnChange(objects, [secretOf('cloudemy', 'cloudemy-internal', Object.fromEntries(values))])
      .filter(isWorkload)
      .map(({ spec }) => spec.template.metadata.annotations);
  const values: [string, string][] = [
    ['service-token', 'a'],
    ['admin-password', 'b'],
  ];
  expect(digests(values)).toEqual(digests(values.toReversed()));
  expect(digests(values)).not.toEqual(digests([['service-token', 'c']]));
});

test.each([
  ['--storage', /Unknown option/],
  ['--secrets=later', /generate or external/],
  ['--timeout=soon', /number of seconds/],
  ['--image=mongo', /NAME=IMAGE/],
  ['--trust-proxy=uniquelocal', /number of proxies/],
  ['--trust-proxy=10.0.0.0/40', /number of proxies/],
  ['--keep-out=nodes', /address or a range/],
  ['--benchmark-ports=web', /ports and ranges/],
  ['--benchmark-ports=0', /ports and ranges/],
  ['--benchmark-ports=443-80', /ports and ranges/],
  ['--benchmark-ports=80,,443', /ports and ranges/],
  ['--benchmark-ports=70000', /ports and ranges/],
])('%s is refused in words', (argument, words) => {
  expect(() => parseDeployOptions([argument])).toThrow(words);
});

test('an emulator and a key together are refused', () => {
  expect(() => parseDeployOptions(['--llm-emulator', '--llm-key-file', 'key'])).toThrow(/takes the place/);
});

test('the emulators go by their old names for one version more', () => {
  const { parts } = parseDeployOptions(['--kubeconfig', 'k', '--llm-stand-in', '--mongo-stand-in']);
  expect(parts).toEqual(['llm-emulator', 'mongo-emulator']);
});
