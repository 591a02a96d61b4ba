import { expect, test } from '@jest/globals';
import { trustedProxies } from './trusted-proxies.js';

test.each([
  ['0', 0],
  ['2', 2],
  ['10.0.3.7', ['10.0.3.7']],
  ['127.0.0.0/8, ::1/128', ['127.0.0.0/8', '::1/128']],
])('%s says whose word counts', (text, proxies) => {
  expect(trustedProxies.parse(text)).toEqual(proxies);
});

test.each([
  ['uniquelocal', 'uniquelocal would believe every client'],
  ['loopback,linklocal', 'loopback would believe'],
  ['10.0.0.0/33', 'is no address or range'],
  ['0.0.0.0/0', 'is no address or range'],
  ['true', 'is no address or range'],
  ['99', 'must be at most 10 proxies'],
  ['-1', 'is no address or range'],
])('%s is refused in words', (text, reason) => {
  expect(trustedProxies.safeParse(text).error?.issues[0]?.message).toContain(reason);
});
