import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { backendApi } from '../apis/backend.js';
import { deployerApi } from '../apis/deployer.js';
import { type Api, signInBodyLimit } from '../http/route.js';
import { Role } from '../users.js';
import { backendAccess } from './backend.js';
import { deployerAccess } from './deployer.js';
import { accessAsMarkdown } from './document.js';
import { type AccessTable, scopesOf, users } from './rule.js';

const services: [string, Api, AccessTable][] = [
  ['backend', backendApi, backendAccess],
  ['deployer', deployerApi, deployerAccess],
];

test.each(services)('every route of the %s has one row, and no row is without a route', (_, api, access) => {
  expect(Object.keys(access).toSorted()).toEqual(Object.keys(api).toSorted());
});

test.each(services)('rows of the %s say the same as their routes', (_, api, access) => {
  const auths = { anyone: 'public', service: 'service', 'result-token': 'result-token', users: 'user' };
  for (const [operation, route] of Object.entries(api)) {
    expect([operation, auths[access[operation]?.who ?? 'anyone']]).toEqual([operation, route.auth]);
  }
});

test.each(services)('whoever has shown nothing yet may send the %s little', (_, api) => {
  const open = Object.entries(api).filter(([, { auth, body }]) => auth === 'public' && body !== undefined);
  expect(open.filter(([, { bodyLimit }]) => bodyLimit !== signInBodyLimit)).toEqual([]);
});

test.each(services)('an administrator of the %s reaches as far as anybody', (_, __, access) => {
  for (const rule of Object.values(access)) {
    if (rule.who !== 'users') continue;
    const others = Object.values({ ...rule.may, admin: [] }).flat();
    if (others.some((scopes) => scopes !== 'own')) expect(rule.may.admin).toEqual(['any']);
    expect(rule.may.admin).toBeDefined();
  }
});

test('several roles reach as far as all of them together', () => {
  const rule = users('any', { student: ['own'], instructor: ['own', 'assignment'] });
  expect(scopesOf(rule, ['student', 'instructor'])).toEqual(['own', 'assignment']);
  expect(scopesOf(rule, ['admin'])).toEqual([]);
  expect(scopesOf(rule, Role.options)).toEqual(['own', 'assignment']);
});

test('docs/authorisation.md shows the tables', async () => {
  const file = new URL('../../../../docs/authorisation.md', import.meta.url);
  const [, shown] = (await readFile(file, 'utf8')).split('<!-- table -->\n');
  expect(shown?.trim()).toBe(accessAsMarkdown().trim());
});
