// Runs the tests of the package in whose folder it is started, as `node scripts/jest/run.mjs [jest's arguments]`.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const path = (file) => fileURLToPath(new URL(file, import.meta.url));
const child = spawn(
  process.execPath,
  [
    '--import',
    path('hooks.mjs'),
    path('../../node_modules/jest/bin/jest.js'),
    '--config',
    path('../../jest.preset.mjs'),
    '--rootDir',
    process.cwd(),
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit' },
);
child.once('exit', (code) => {
  process.exitCode = code ?? 1;
});
