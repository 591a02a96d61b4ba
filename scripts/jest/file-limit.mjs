import { writeSync } from 'node:fs';

/** A file may take as long as this many tests that run into their own limit. */
const TESTS = 8;

/**
 * A reporter for jest, which knows a limit for a test but none for a file: one whose process says nothing any more
 * would be waited for without end. It is named, and the run ends as failed.
 */
export default class FileLimit {
  #running = new Map();

  onTestFileStart({ path, context }) {
    const limitMs = TESTS * context.config.testTimeout;
    const end = () => {
      // What is written in jest's usual way is held back, and lost by exiting.
      writeSync(process.stdout.fd, `FAIL ${path}\n  not done after ${limitMs / 1_000} s, and given up\n`);
      process.exit(1);
    };
    this.#running.set(path, setTimeout(end, limitMs));
  }

  onTestFileResult({ path }) {
    clearTimeout(this.#running.get(path));
  }
}
