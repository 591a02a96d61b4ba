import { expect, test } from '@jest/globals';
import { mongoUriWith, redisUrlWith, withoutCredentials } from './credentials.js';

const ada = { username: 'ada', password: 'p@ss/w?rd' };

test.each([
  ['redis://redis:6379', 'redis://ada:p%40ss%2Fw%3Frd@redis:6379'],
  ['rediss://redis:6379/2', 'rediss://ada:p%40ss%2Fw%3Frd@redis:6379/2'],
  ['redis://other:own@redis:6379', 'redis://other:own@redis:6379'],
])('%s with the credentials of the environment is %s', (url, expected) => {
  expect(redisUrlWith(url, ada)).toBe(expected);
});

test.each([
  ['mongodb://mongo:27017', 'mongodb://ada:p%40ss%2Fw%3Frd@mongo:27017/?authSource=admin'],
  [
    'mongodb://a:1,b:2/?replicaSet=rs',
    'mongodb://ada:p%40ss%2Fw%3Frd@a:1,b:2/?replicaSet=rs&authSource=admin',
  ],
  ['mongodb+srv://db/x?authSource=x', 'mongodb+srv://ada:p%40ss%2Fw%3Frd@db/x?authSource=x'],
  ['mongodb://other:own@mongo/', 'mongodb://other:own@mongo/'],
])('%s with the credentials of the environment is %s', (uri, expected) => {
  expect(mongoUriWith(uri, ada)).toBe(expected);
});

test('without a password nothing is added, and Redis takes one without a name', () => {
  const nobody = { username: undefined, password: undefined };
  expect(redisUrlWith('redis://redis:6379', nobody)).toBe('redis://redis:6379');
  expect(mongoUriWith('mongodb://mongo:27017', nobody)).toBe('mongodb://mongo:27017');
  expect(redisUrlWith('redis://redis', { ...nobody, password: 'p' })).toBe('redis://:p@redis');
});

test('what another program is given has no credentials in it', () => {
  expect(withoutCredentials('redis://ada:secret@redis:6379/1')).toBe('redis://redis:6379/1');
  expect(withoutCredentials('redis://redis:6379')).toBe('redis://redis:6379');
});
