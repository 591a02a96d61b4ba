import { until } from '@cloudemy/testing';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { supervise } from './supervise.js';

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('gives lines and the exit code', async () => {
  const lines: string[] = [];
  const child = supervise(['sh', '-c', 'echo one; printf two; exit 7'], {
    onLine: (line) => lines.push(line),
  });
  expect(await child.exited).toBe(7);
  await until(() => lines.length === 2);
  expect(lines).toEqual(['one', 'two']);
});

test('a program that is not there ends with 127', async () => {
  expect(await supervise(['/no/such/program']).exited).toBe(127);
});

test('stop asks first and kills when asking does not help', async () => {
  const lines: string[] = [];
  const polite = supervise(['sh', '-c', 'trap "exit 3" TERM; echo up; while :; do sleep 0.05; done'], {
    onLine: (line) => lines.push(line),
  });
  await until(() => lines.length > 0);
  await polite.stop();
  expect(await polite.exited).toBe(3);

  const stubborn = supervise(['sh', '-c', 'trap "" TERM; echo up; while :; do sleep 0.05; done'], {
    onLine: (line) => lines.push(line),
  });
  await until(() => lines.length > 1);
  await stubborn.stop(100);
  expect(await stubborn.exited).toBe(137);
});

test('what it started does not outlive its starter, even one killed outright', async () => {
  const module = new URL('../../dist/processes/supervise.js', import.meta.url).href;
  const script = `const {supervise} = await import(${JSON.stringify(module)});
    supervise(['sh','-c','echo $$; exec sleep 300'],{onLine:(l)=>console.log(l)});`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [chunk]: unknown[] = await once(parent.stdout, 'data');
  const pid = Number(String(chunk).trim());
  expect(alive(pid)).toBe(true);
  parent.kill('SIGKILL');
  await until(() => !alive(pid));
});
