import { expect, test } from '@jest/globals';
import { addressKey } from './address-key.js';
import { Limiter } from './limiter.js';

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:DB8::9', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
])('requests from %s are counted by %s', (address, key) => {
  expect(addressKey(address)).toBe(key);
});

test('counts by key, says when there is room again, and can give back', async () => {
  const limiter = new Limiter({ name: 'test', points: 2, seconds: 60 });
  expect(await limiter.consume('a')).toMatchObject({ allowed: true, remaining: 1 });
  expect(await limiter.consume('a')).toMatchObject({ allowed: true, remaining: 0 });
  const refused = await limiter.consume('a');
  expect(refused.allowed).toBe(false);
  expect(refused.resetSeconds).toBeGreaterThan(0);
  expect(await limiter.consume('b')).toMatchObject({ allowed: true });
  await limiter.giveBack('a', 2);
  expect(await limiter.consume('a')).toMatchObject({ allowed: true });
  await limiter.forget('a');
  expect(await limiter.consume('a')).toMatchObject({ allowed: true, remaining: 1 });
});
