import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PrivateNetworks, assertLiteralAllowed, isAllowed } from './addresses.js';

const none = new PrivateNetworks([]);
const networks = (...ranges: string[]): PrivateNetworks => PrivateNetworks.of(ranges) ?? none;

test.each([
  '127.0.0.1',
  '0.0.0.0',
  '10.1.2.3',
  '172.16.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '168.63.129.16',
  'fec0::1',
  '64:ff9b:1::1',
  '100.64.0.1',
  '192.0.2.1',
  '198.18.0.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  'fe80::1',
  'fc00::1',
  'fd12::1',
  'ff02::1',
  '2001:db8::1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  'nonsense',
])('%s is no target', (address) => {
  expect(isAllowed(address, true, none)).toBe(false);
});

test.each(['1.1.1.1', '93.184.216.34', '2606:4700::1111', '::ffff:1.1.1.1'])(
  '%s is one, by https',
  (address) => {
    expect(isAllowed(address, true, none)).toBe(true);
    expect(isAllowed(address, false, none)).toBe(false);
  },
);

test.each(['10.1.0.0/16', 'fd00::/8'])('%s can be allowed, and nothing else with it', (range) => {
  const allowed = networks(range);
  expect(isAllowed('10.1.9.9', false, allowed)).toBe(range === '10.1.0.0/16');
  expect(isAllowed('::ffff:10.1.9.9', true, allowed)).toBe(range === '10.1.0.0/16');
  expect(isAllowed('fd00::9', true, allowed)).toBe(range === 'fd00::/8');
  expect(isAllowed('10.2.0.1', true, allowed)).toBe(false);
  expect(isAllowed('127.0.0.1', true, allowed)).toBe(false);
});

test('however an IPv4 address of this machine is written in a URL, it is refused', () => {
  const loopback = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)).map(([b, c, d]) => {
    const whole = 127 * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d;
    return [`127.${b}.${c}.${d}`, String(whole), `0x${whole.toString(16)}`, `0177.${b}.${c * 256 + d}`];
  });
  fc.assert(
    fc.property(loopback, fc.nat(3), (spellings, at) => {
      const url = new URL(`https://${spellings[at] ?? ''}/`);
      expect(() => assertLiteralAllowed(url, true, none)).toThrow('messages may go to');
    }),
    { numRuns: 50 },
  );
});

test('what is no range stops the start', () => {
  expect(PrivateNetworks.of(['10.0.0.0/33'])).toBeUndefined();
  expect(PrivateNetworks.of(['example.com'])).toBeUndefined();
});
