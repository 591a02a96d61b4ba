import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { ConfigError } from './config-error.js';
import { assertSafeToListen, flag, list, parseEnv } from './env.js';
import { port } from './numbers.js';

const schema = z.object({
  PORT: port.default(8000),
  SECRET: z.string().min(8, 'must have at least 8 characters').describe('signs things'),
  ORIGINS: list.default([]),
  ON: flag.default(false),
});

test('values are typed, defaults filled, empty counts as not set', () => {
  expect(parseEnv(schema, { SECRET: '12345678', PORT: '', ORIGINS: 'a, b,', ON: '1' })).toEqual({
    PORT: 8000,
    SECRET: '12345678',
    ORIGINS: ['a', 'b'],
    ON: true,
  });
});

test('every fault is named, in one error', () => {
  expect(() => parseEnv(schema, { PORT: '70000', ON: 'maybe' })).toThrow(ConfigError);
  expect(() => parseEnv(schema, { PORT: '70000', ON: 'maybe' })).toThrow(
    /^Invalid environment:\n  PORT: must be at most 65535\n.*SECRET: is not set \(signs things\)\n.*ON: must be true or false/,
  );
});

test('a value can come from a file; a file that cannot be read is named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'env-'));
  writeFileSync(join(folder, 's'), 'from-a-file\n');
  expect(parseEnv(schema, { SECRET_FILE: join(folder, 's') }).SECRET).toBe('from-a-file');
  expect(() => parseEnv(schema, { SECRET_FILE: join(folder, 'none') })).toThrow(/SECRET_FILE/);
  rmSync(folder, { recursive: true });
});

test('without authentication only loopback, unless told so in words', () => {
  expect(() => {
    assertSafeToListen({ HOST: '0.0.0.0', AUTH_MODE: 'off' });
  }).toThrow(/HOST/);
  for (const HOST of ['127.0.0.1', '::1', 'localhost', '127.1.2.3']) {
    assertSafeToListen({ HOST, AUTH_MODE: 'off' });
  }
  assertSafeToListen({ HOST: '0.0.0.0', AUTH_MODE: 'off', ALLOW_INSECURE_NETWORK: 'yes' });
  assertSafeToListen({ HOST: '0.0.0.0', AUTH_MODE: 'off', PUBLISHED_ADDRESS: '127.0.0.1' });
  expect(() => {
    assertSafeToListen({ HOST: '0.0.0.0', AUTH_MODE: 'off', PUBLISHED_ADDRESS: '192.0.2.1' });
  }).toThrow(/PUBLISHED_ADDRESS: 192\.0\.2\.1/);
});
