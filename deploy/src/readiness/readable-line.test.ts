import { expect, test } from '@jest/globals';
import { isAccessLine, readableLine } from './readable-line.js';

test('a line of a service is told without fields and stacks', () => {
  const line = JSON.stringify({
    level: 'warn',
    service: 'backend',
    err: { type: 'MongoServerSelectionError', message: 'no answer', stack: 'at …' },
    msg: 'MongoDB does not answer yet',
  });
  expect(readableLine(line)).toBe('warn: MongoDB does not answer yet: no answer');
  expect(readableLine('{"level":"info","msg":"listening"}')).toBe('info: listening');
});

test.each(['Error: no such file', '{"half": ', '42', '{"msg":"of another program"}'])(
  'a line of another program is left as it is: %s',
  (line) => {
    expect(readableLine(line)).toBe(line);
  },
);

test('a line without an end is cut', () => {
  expect(readableLine('x'.repeat(10_000)).length).toBeLessThan(400);
});

test('a line per request is known from one that tells something', () => {
  const request = { level: 'info', method: 'GET', path: '/readyz', status: 503, msg: 'answered' };
  expect(isAccessLine(JSON.stringify(request))).toBe(true);
  expect(isAccessLine(JSON.stringify({ level: 'fatal', msg: 'Port 8000 is in use' }))).toBe(false);
  expect(isAccessLine('GET /readyz 503')).toBe(false);
});
