import { expect, test } from '@jest/globals';
import { withDefaults } from './defaults.js';

const template = (labels?: object, spec: object = {}) => ({ metadata: { labels }, spec });
const job = (metadata: object, of: object) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'j', ...metadata },
  spec: { template: of },
});

test.each([
  ['a Job', job({}, {}), ['spec', 'template']],
  ['a Pod', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } }, []],
  [
    'a CronJob',
    { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'c' } },
    ['spec', 'jobTemplate', 'spec', 'template'],
  ],
])('pods of %s mount no token unless the YAML says so', (_name, object, path) => {
  const around = (spec: object) => path.reduceRight<object>((inner, key) => ({ [key]: inner }), { spec });
  expect(withDefaults({ ...object, ...around({ containers: [] }) })).toMatchObject(
    around({ automountServiceAccountToken: false }),
  );
  expect(withDefaults({ ...object, ...around({ automountServiceAccountToken: true }) })).toMatchObject(
    around({ automountServiceAccountToken: true }),
  );
});

test('a Job without labels gets those of its template, as from the API server', () => {
  expect(withDefaults(job({}, template({ bench: 'disk' }))).metadata.labels).toEqual({ bench: 'disk' });
  expect(withDefaults(job({ labels: {} }, template({ bench: 'disk' }))).metadata.labels).toEqual({
    bench: 'disk',
  });
  expect(withDefaults(job({ labels: { own: 'x' } }, template({ bench: 'disk' }))).metadata.labels).toEqual({
    own: 'x',
  });
  expect(withDefaults(job({}, template())).metadata.labels).toBeUndefined();
  const deployment = { ...job({}, template({ app: 'x' })), apiVersion: 'apps/v1', kind: 'Deployment' };
  expect(withDefaults(deployment).metadata.labels).toBeUndefined();
});

test('what was submitted stays as it is', () => {
  const object = job({}, template({ bench: 'disk' }, { containers: [] }));
  const before = structuredClone(object);
  withDefaults(object);
  expect(object).toEqual(before);
});
