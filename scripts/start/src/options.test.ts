import { expect, test } from '@jest/globals';
import { UsageError, parseOptions } from './options.js';

test('nothing given: everything embedded, demonstration, stay up', () => {
  expect(parseOptions([])).toEqual({
    once: false,
    json: false,
    demo: true,
    help: false,
    kubeconfig: undefined,
    namespace: undefined,
    benchmarkNamespace: undefined,
    data: undefined,
  });
});

test('options are read', () => {
  expect(parseOptions(['--once', '--json', '--kubeconfig', 'k', '--no-demo'])).toMatchObject({
    once: true,
    json: true,
    demo: false,
    kubeconfig: 'k',
  });
});

test('an unknown option is refused with the ones there are', () => {
  expect(() => parseOptions(['--onec'])).toThrow(UsageError);
  expect(() => parseOptions(['--onec'])).toThrow(/--once/);
  expect(() => parseOptions(['--kubeconfig'])).toThrow(UsageError);
});
