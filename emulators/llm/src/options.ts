import { parseArgs } from 'node:util';
import { BEHAVIOURS, isBehaviour } from './behaviour/behaviour.js';
import { MAX_DELAY_MS } from './behaviour/control.js';
import type { LocalLlmOptions } from './server.js';

export interface CommandLine {
  server: LocalLlmOptions;
  /** End when standard input closes, that is when the process that started this one is gone. */
  exitWithParent: boolean;
}

/**
 * Reads the arguments of the command line.
 * @throws Error with a sentence for the user when one is unknown or out of range.
 */
export function parseCommandLine(args: string[]): CommandLine {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string', default: '0' },
      'delay-ms': { type: 'string', default: '0' },
      'max-concurrent': { type: 'string' },
      behaviour: { type: 'string', default: 'normal' },
      host: { type: 'string' },
      everywhere: { type: 'boolean', default: false },
      'exit-with-parent': { type: 'boolean', default: false },
    },
  });
  const { behaviour } = values;
  if (!isBehaviour(behaviour)) throw new Error(`--behaviour must be one of ${BEHAVIOURS.join(', ')}`);
  const most = values['max-concurrent'];
  return {
    server: {
      port: wholeNumber('--port', values.port, 0, 65_535),
      delayMs: wholeNumber('--delay-ms', values['delay-ms'], 0, MAX_DELAY_MS),
      behaviour,
      // An address that is named is narrower than all of them.
      ...(values.host === undefined ? { everywhere: values.everywhere } : { host: values.host }),
      ...(most !== undefined && { maxConcurrent: wholeNumber('--max-concurrent', most, 1, 1_000_000) }),
    },
    exitWithParent: values['exit-with-parent'],
  };
}

function wholeNumber(name: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= low && value <= high) return value;
  throw new Error(`${name} must be a whole number from ${low} to ${high}, not ${JSON.stringify(text)}`);
}
