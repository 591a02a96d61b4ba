import { fileURLToPath } from 'node:url';

/**
 * The one jest configuration. Tests beside the code run from their TypeScript sources by Node itself
 * (scripts/jest/hooks.mjs); a virtual machine around each file would load every library again for each.
 */
export default {
  runner: ['jest-light-runner', { runtime: 'child_process' }],
  roots: ['<rootDir>/src'],
  testMatch: ['**/*.test.ts'],
  reporters: ['default', fileURLToPath(new URL('scripts/jest/file-limit.mjs', import.meta.url))],
  transform: {},
  testTimeout: 30_000,
  // Two cores: turbo already runs packages side by side.
  maxWorkers: 2,
};
