import { expect, test } from '@jest/globals';
import { DeployRequest, DeleteRequest } from './deployments.js';
import { LogQuery, LogRequest } from './logs.js';
import { JobName, Namespace } from './names.js';
import { TerminalClientFrame, TerminalServerFrame, terminalCloseCodes } from './terminal-frames.js';
import { TerminalCreate } from './terminals.js';

test('the request of the requirements is a deployment', () => {
  const body = { yaml_content: 'kind: Job', namespace: 'default' };
  expect(DeployRequest.parse(body)).toEqual({ ...body, dry_run: false, force: false });
  expect(DeployRequest.parse({ yaml_content: '' }).namespace).toBe('default');
  expect(DeleteRequest.parse({ ...body, force: true })).toMatchObject({ wait: false, timeout_seconds: 60 });
});

test.each(['', '../x', 'a/b', '%2f', 'a\0', 'A', '-a', 'a-', 'a..b', 'a'.repeat(254), '.'])(
  'the name %j is refused',
  (name) => {
    expect(JobName.safeParse(name).success).toBe(false);
    expect(Namespace.safeParse(name).success).toBe(false);
  },
);

test('a name may hold dots, a namespace not', () => {
  expect(JobName.safeParse('a.b-c').success).toBe(true);
  expect(Namespace.safeParse('a.b').success).toBe(false);
});

test('log options read from a query as from a body', () => {
  const options = { follow: true, tail: 5, timestamps: false, all_containers: true };
  const query = { follow: 'true', tail: '5', timestamps: '0', all_containers: '1' };
  expect(LogQuery.parse(query)).toMatchObject(options);
  expect(LogRequest.parse({ job_name: 'x', ...options })).toMatchObject(options);
});

test.each([
  { follow: 'maybe' },
  { tail: '-1' },
  { tail: 'ten' },
  { since_seconds: '0' },
  { since_seconds: '5', since_time: '2026-01-01T00:00:00Z' },
  { since_time: 'yesterday' },
  { limit_bytes: '0' },
  { follow: 'true', previous: 'true' },
  { unknown: '1' },
])('the log options %j are refused', (query) => {
  expect(LogQuery.safeParse(query).success).toBe(false);
});

test('terminal frames are those of the requirements, and a size is a size', () => {
  expect(TerminalClientFrame.safeParse({ type: 'input', data: 'ls -la\n' }).success).toBe(true);
  expect(TerminalServerFrame.safeParse({ type: 'output', data: 'x' }).success).toBe(true);
  for (const cols of [0, -1, 1.5, 1_000_000]) {
    expect(TerminalClientFrame.safeParse({ type: 'resize', cols, rows: 24 }).success).toBe(false);
  }
  expect(TerminalClientFrame.safeParse({ type: 'shutdown' }).success).toBe(false);
  expect(TerminalCreate.safeParse({ job_name: 'x', shell: '/bin/sh; rm' }).success).toBe(false);
});

test('every close code is one that an application may send', () => {
  for (const code of Object.values(terminalCloseCodes)) {
    expect(code === 1000 || [1001, 1008, 1009, 1011].includes(code) || (code >= 4000 && code < 5000)).toBe(
      true,
    );
  }
});
