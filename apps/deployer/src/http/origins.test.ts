import { describe, expect, it } from '@jest/globals';
import { refuseOrigin } from '@cloudemy/service';
import { readConfig } from '../config.js';
import { originPolicy } from './origins.js';

const open = { ALLOW_INSECURE_NETWORK: 'yes-anyone-who-can-reach-this-may-do-anything' };
const isRefused = (env: Record<string, string>, headers: { host?: string; origin?: string }): boolean =>
  refuseOrigin(originPolicy(readConfig(env)), headers) !== undefined;

describe('without authentication', () => {
  it.each([
    ['a loopback name', {}, 'localhost:8002'],
    ['another loopback address it listens on', { HOST: '127.0.0.2' }, '127.0.0.2:8002'],
    ['an address of the network', { HOST: '0.0.0.0', ...open }, '192.168.1.5:8002'],
    ['an IPv6 address', { HOST: '::', ...open }, '[fd00::5]:8002'],
    ['a name that was configured', { PUBLIC_HOSTS: 'deployer' }, 'deployer:8002'],
    ['the host of its public URL', { PUBLIC_URL: 'https://bench.example/x' }, 'bench.example'],
  ])('%s is answered to', (_what, env, host) => {
    expect(isRefused(env, { host })).toBe(false);
  });

  it.each([
    ['on loopback', {}],
    ['on the network', { HOST: '0.0.0.0', ...open }],
    ['with a public URL', { PUBLIC_URL: 'https://bench.example/x' }],
  ])('a domain that was rebound to it reaches nothing, %s', (_what, env) => {
    for (const host of ['rebound.example:8002', '127.0.0.1.rebound.example', undefined]) {
      expect(isRefused(env, host === undefined ? {} : { host })).toBe(true);
    }
  });
});

it('pages at the public URL may call, whatever name the proxy asks under', () => {
  const env = { PUBLIC_URL: 'https://bench.example/x', PUBLIC_HOSTS: 'deployer' };
  expect(isRefused(env, { host: 'deployer:8002', origin: 'https://bench.example' })).toBe(false);
  expect(isRefused(env, { host: 'deployer:8002', origin: 'https://evil.example' })).toBe(true);
  expect(isRefused(env, { host: 'deployer:8002', origin: 'http://bench.example' })).toBe(true);
});
