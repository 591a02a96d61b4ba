// Keeps words out of code and comments that a reader would have to learn here, or that are hard to read for people
// whose first language is not English. Prints where one stands, and what to write instead.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Part of a name of the code or of a file: `takeCensus`, `census.ts`. */
const names = [
  [/census/i, 'counts'],
  [/patience/i, 'timeout, limit, grace period'],
  [/takeover/i, 'adopt, guard'],
  [/turnstile/i, 'semaphore'],
  [/\b(?:\w*Pacer|pacer)\b/, 'rate limiter'],
  [/\b(?:\w*Mover|mover)\b/, 'transition service'],
  [/try-?out(?!-)\b|\bTryOut/, 'dry run'],
  [/stand-?in\b|\bStandIn/, 'emulator, fake'],
  [/lost-?and-?found/i, 'reconciler'],
  [/fast-?lane/i, 'immediate publisher'],
  [/\bstrik(?:e|es|ing) \w* ?off|strikeOff/, 'remove, acknowledge'],
  [/\b(?:with(?:in|on)|own)Reach\b|\bBelonging/, 'scope, ownership'],
];
/** Turns of phrase in comments. */
const phrases = [
  [/\bbecame of\b/, 'what happened to'],
  [/(?<![-\w])anew\b/, 'again'],
  [/\bin vain\b/, 'without success'],
  [/\bworth nothing\b/, 'invalid, no longer valid'],
  [/\bgoes on\b/, 'continues'],
];
/** Names of 0.1.0 that are still taken, and this list. */
const allowed =
  /^deploy\/src\/(?:options|upgrade\/|manifests\/choices\.test)|^emulators\/stack\/src\/names\.test|^scripts\/words/;

const files = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.tsx', '*.mjs'],
  {
    cwd: root,
    encoding: 'utf8',
  },
)
  .trim()
  .split('\n')
  .filter((file) => !allowed.test(file) && existsSync(join(root, file)));

const faults = files.flatMap((file) => [
  ...unwanted(names, file, file),
  ...readFileSync(join(root, file), 'utf8')
    .split('\n')
    .flatMap((line, index) => {
      const place = `${file}:${index + 1}`;
      const isComment = /^\s*(?:\*|\/\/|\/\*\*)/.test(line);
      return [...unwanted(names, line, place), ...(isComment ? unwanted(phrases, line, place) : [])];
    }),
]);
for (const fault of faults) process.stdout.write(`${fault}\n`);
process.exitCode = faults.length === 0 ? 0 : 1;

function unwanted(list, text, place) {
  return list.flatMap(([word, instead]) => {
    const found = word.exec(text)?.[0];
    return found === undefined ? [] : [`${place}: "${found}"; better: ${instead}`];
  });
}
