import { expect, test } from '@jest/globals';
import { describeStartFault } from './exit-code.js';
import { describeWaiting } from './waiting.js';

const runc =
  'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: ' +
  'unable to start container process: ';

test.each([
  [
    `${runc}exec: "/no/such/binary": stat /no/such/binary: no such file or directory`,
    'no such file or directory',
  ],
  [`${runc}exec: "/etc/passwd": permission denied`, '/etc/passwd: permission denied'],
  ['failed to generate container "x" spec: no command specified', 'its image names no command'],
])('a command that cannot be run stays so: %s', (message, words) => {
  const fault = describeStartFault('container main', message);
  expect(fault).toEqual({ reason: 'start_error', message: expect.stringContaining(words) });
});

test.each([
  `${runc}error during container init: unable to apply cgroup configuration: resource temporarily unavailable`,
  'failed to create containerd task: failed to create shim task: ttrpc: closed: unknown',
  'context deadline exceeded',
  'failed to reserve container name "runner_1": name is reserved',
  '',
])('a runtime that failed may do better the next time: %s', (message) => {
  expect(describeStartFault('container main', message).reason).toBe('runtime_error');
});

test.each([
  ['CreateContainerError', 'context deadline exceeded', 'runtime_error'],
  ['CreateContainerError', 'secret "key" not found', 'secret_missing'],
  ['RunContainerError', `${runc}exec: "/x": permission denied`, 'start_error'],
  [
    'CreateContainerConfigError',
    'container has runAsNonRoot and image will run as root',
    'container_config_invalid',
  ],
])('while it waits with %s: %s', (reason, message, expected) => {
  expect(describeWaiting('container main', 'image', { reason, message })?.reason).toBe(expected);
});
