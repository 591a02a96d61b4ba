import { expect, test } from '@jest/globals';
import { ConnectionString } from './connection-string.js';

test.each([
  'mongodb://mongo:27017',
  'mongodb://127.0.0.1:4242/?directConnection=true',
  'mongodb://user:p%40ss@a:27017,b:27017,c:27017/?replicaSet=rs0',
  'mongodb+srv://cluster.example.net/db?retryWrites=true',
])('takes %s', (uri) => {
  expect(ConnectionString.parse(uri)).toBe(uri);
});

test.each(['', 'mongo:27017', 'http://mongo', 'mongodb://', 'mongodb://a b'])('refuses %p', (uri) => {
  expect(ConnectionString.safeParse(uri).success).toBe(false);
});
