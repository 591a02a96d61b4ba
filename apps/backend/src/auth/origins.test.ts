import { expect, test } from '@jest/globals';
import { refuseOrigin } from '@cloudemy/service';
import { readConfig } from '../config.js';
import { originPolicy } from './origins.js';

const needed = {
  INTERNAL_SERVICE_TOKEN: 'sixteen characters',
  RESULT_TOKEN_SECRET: 'thirty-two characters, or a few more',
};
/** As in a container, whose port is published on the loopback of a laptop. */
const inContainer = {
  HOST: '0.0.0.0',
  ALLOW_INSECURE_NETWORK: 'yes-anyone-who-can-reach-this-may-do-anything',
  PUBLIC_HOSTS: 'backend',
};
const isRefused = (env: Record<string, string>, host: string): boolean => {
  const policy = originPolicy(readConfig({ ...needed, ...env }));
  // To a page whose domain was rebound the service is its own server.
  return refuseOrigin(policy, { host, origin: `http://${host}` }) !== undefined;
};

test.each([
  ['on loopback', {}],
  ['in a container', inContainer],
])('without authentication a domain that was rebound to it reaches nothing, %s', (_where, env) => {
  expect(isRefused(env, 'rebound.example:8000')).toBe(true);
  expect(isRefused(env, 'localhost:8000')).toBe(false);
  expect(isRefused(env, '10.208.82.10:8000')).toBe(false);
});

test('it answers to the names it is called by, and to any once it asks who calls', () => {
  expect(isRefused(inContainer, 'backend:8000')).toBe(false);
  const asking = { AUTH_MODE: 'jwt', AUTH_SECRET: 'thirty-two characters, or a few more' };
  expect(isRefused(asking, 'cloudemy.example')).toBe(false);
});
