import { expect, test } from '@jest/globals';
import { assertHostAddress, fromPods } from './host-address.js';

test.each([
  ['http://127.0.0.1:8000/internal', 'http://10.0.0.5:8000/internal'],
  ['redis://:secret@localhost:6379', 'redis://:secret@10.0.0.5:6379'],
  ['http://[::1]:11434/v1', 'http://10.0.0.5:11434/v1'],
  ['http://127.8.9.1:1', 'http://10.0.0.5:1'],
  ['http://0.0.0.0:1/', 'http://10.0.0.5:1/'],
  ['https://api.openai.com/v1', 'https://api.openai.com/v1'],
  ['redis://localhost.example.com:6379', 'redis://localhost.example.com:6379'],
])('pods are told %s as %s', (url, told) => {
  expect(fromPods(url, '10.0.0.5')).toBe(told);
});

test('in a cluster on this very machine loopback stays', () => {
  expect(fromPods('redis://localhost:6379', '127.0.0.1')).toBe('redis://localhost:6379');
});

test.each([undefined, '', 'http://10.0.0.5', '10.0.0.5:8000', '::1'])(
  'an address of %p is refused in words',
  (address) => {
    expect(() => assertHostAddress(address)).toThrow(/HOST_ADDRESS .* must be the name or IPv4 address/);
  },
);
