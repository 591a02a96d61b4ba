import { expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { z } from 'zod';
import { backendApi } from '../apis/backend.js';
import { deployerApi } from '../apis/deployer.js';
import { buildOpenApi } from './openapi.js';
import { defineApi } from './route.js';

const info = { title: 'T', version: '1', description: 'D' };

const apis = [
  ['backend', backendApi],
  ['deployer', deployerApi],
] as const;

test.each(apis)('the %s document is valid OpenAPI 3.1', async (_, api) => {
  const validator = new Validator();
  const outcome = await validator.validate(buildOpenApi(api, info));
  expect(outcome).toEqual({ valid: true });
  expect(validator.version).toBe('3.1');
});

test.each(apis)('every reference of the %s points at a schema that is there', (_, api) => {
  const text = JSON.stringify(buildOpenApi(api, info));
  const { components } = z
    .object({ components: z.object({ schemas: z.record(z.string(), z.unknown()) }) })
    .parse(JSON.parse(text));
  const referenced = [...text.matchAll(/#\/components\/schemas\/([^"]+)/g)].map(([, name]) => name);
  expect(referenced.filter((name) => name === undefined || !(name in components.schemas))).toEqual([]);
});

test('a schema that reads differently when sent gets a name of its own, one that does not keeps its name', () => {
  const Inner = z.object({ n: z.number().default(1) }).meta({ id: 'TestInner' });
  const Same = z.enum(['a', 'b']).meta({ id: 'TestSame' });
  const Outer = z.object({ inner: Inner, same: Same }).meta({ id: 'TestOuter' });
  const api = defineApi({
    put: {
      method: 'put',
      path: '/x',
      summary: 's',
      tag: 't',
      auth: 'public',
      body: Outer,
      responses: { 200: { description: 'd', schema: Outer } },
    },
  });
  const text = JSON.stringify(buildOpenApi(api, info));
  const names = new Set([...text.matchAll(/schemas\/(Test\w+)"/g)].map(([, name]) => name));
  expect(names).toEqual(new Set(['TestOuter', 'TestOuterInput', 'TestInner', 'TestInnerInput', 'TestSame']));
});

test.each(apis)('every message that a description of the %s names is described', (_, api) => {
  const text = JSON.stringify(buildOpenApi(api, info));
  const { components } = z
    .object({ components: z.object({ schemas: z.record(z.string(), z.unknown()) }) })
    .parse(JSON.parse(text));
  const named = new Set([...text.matchAll(/`([A-Z]\w*(?:Frame|Event|Close))`/g)].map(([, name]) => name));
  expect(named.size).toBeGreaterThan(0);
  expect([...named].filter((name) => name === undefined || !(name in components.schemas))).toEqual([]);
});

test.each(apis)('health and figures of the %s are described, refusals too', (_, api) => {
  const Answers = z.object({ get: z.object({ responses: z.record(z.string(), z.unknown()) }) });
  const { paths } = z.object({ paths: z.record(z.string(), z.unknown()) }).parse(buildOpenApi(api, info));
  for (const path of ['/health', '/healthz', '/livez', '/readyz', '/metrics']) {
    const { responses } = Answers.parse(paths[path]).get;
    expect(Object.keys(responses)).toEqual(expect.arrayContaining(['200', '403', '431']));
  }
});

test('switches say what they take, and the request of the documentation is the example', () => {
  const text = JSON.stringify(buildOpenApi(deployerApi, info));
  expect(text).toContain('"enum":["true","false","1","0"]');
  expect(text).toContain('name: test-job');
});

test.each(apis)('paths of the %s are unique', (_, api) => {
  const seen = new Set<string>();
  for (const route of Object.values(api)) {
    const key = `${route.method} ${route.path}`;
    expect(seen.has(key)).toBe(false);
    seen.add(key);
  }
});

test('problems are documented', () => {
  expect(JSON.stringify(buildOpenApi(backendApi, info))).toContain('idempotency_key_reused');
});
