import { expect, test } from '@jest/globals';
import { ConfigError } from '@cloudemy/service';
import { readConfig } from './config.js';

const needed = {
  INTERNAL_SERVICE_TOKEN: 'sixteen characters',
  RESULT_TOKEN_SECRET: 'thirty-two characters, or a few more',
};

test('has the defaults of the requirements', () => {
  expect(readConfig(needed)).toMatchObject({
    HOST: '127.0.0.1',
    PORT: 8000,
    MONGO_URI: 'mongodb://mongo:27017',
    DB_NAME: 'cloudemy',
    REDIS_URL: 'redis://redis:6379',
    QUEUE_SUBMISSIONS: { prefix: 'queue', name: 'submissions' },
    CORS_ORIGINS: ['http://localhost:3000', 'http://cloudemy.local'],
    MAX_CODE_BYTES: 262_144,
  });
});

test('names every variable at fault at once', () => {
  const read = () => readConfig({ RESULT_TOKEN_SECRET: 'short', PORT: 'x', MONGO_URI: 'http://mongo' });
  expect(read).toThrow(ConfigError);
  for (const name of ['INTERNAL_SERVICE_TOKEN', 'RESULT_TOKEN_SECRET', 'PORT', 'MONGO_URI']) {
    expect(read).toThrow(new RegExp(`${name}:`));
  }
});

test('wants bodies large enough for the code they carry', () => {
  expect(() => readConfig({ ...needed, MAX_CODE_BYTES: '1000000' })).toThrow(/MAX_BODY_BYTES/);
  expect(readConfig({ ...needed, MAX_CODE_BYTES: '1000000', MAX_BODY_BYTES: '7000000' })).toMatchObject({
    MAX_CODE_BYTES: 1_000_000,
  });
});

test('wants a deadline of running submissions beyond that of their Jobs', () => {
  const read = (env: Record<string, string>) => readConfig({ ...needed, ...env });
  expect(() => read({ RUNNING_DEADLINE_MS: '120000' })).toThrow(
    /RUNNING_DEADLINE_MS: 120000 ms .*RUNNER_ACTIVE_DEADLINE_SECONDS=120 s.* Set it to 180000 or more/,
  );
  expect(() => read({ RUNNER_ACTIVE_DEADLINE_SECONDS: '900' })).toThrow(ConfigError);
  const longer = { RUNNER_ACTIVE_DEADLINE_SECONDS: '900', RUNNING_DEADLINE_MS: '960000' };
  expect(read(longer)).toMatchObject({ RUNNING_DEADLINE_MS: 960_000 });
});

test('does not listen to strangers while authentication is off', () => {
  expect(() => readConfig({ ...needed, HOST: '0.0.0.0' })).toThrow(/HOST/);
});
