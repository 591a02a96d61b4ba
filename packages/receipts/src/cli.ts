#!/usr/bin/env node
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ReceiptKeys } from '@cloudemy/contracts';
import { verifyReceipt } from './verify.js';

const usage = `cloudemy verify FILE... [--keys FILE-OR-URL]

Checks receipts offline: form, signature, every part that is disclosed, and the score, which is computed again.
  --keys   the installation's keys, from /.well-known/receipt-keys.json; without it the key in the receipt is believed
Ends with 0 if all fit, 1 if one does not, 2 if one cannot be read.
`;

/** npm runs in the root of the repository: a relative path is meant from where the user is. */
const fromWhereTheyAre = (file: string): string => resolve(process.env['INIT_CWD'] ?? '.', file);

/** The names of the keys that an installation signs with. */
async function keysFrom(source: string): Promise<string[]> {
  const text = /^https?:/.test(source)
    ? await (await fetch(source)).text()
    : await readFile(fromWhereTheyAre(source), 'utf8');
  return ReceiptKeys.parse(JSON.parse(text)).keys.map(({ kid }) => kid);
}

/** @returns the exit code */
async function verify(files: readonly string[], trusted: readonly string[] | undefined): Promise<number> {
  let misfits = 0;
  for (const file of files) {
    const verdict = await verifyReceipt(await readFile(fromWhereTheyAre(file)), trusted);
    if (!verdict.fits) {
      misfits += 1;
      process.stdout.write(`${file}: byte ${verdict.misfit.byte} does not fit: ${verdict.misfit.reason}\n`);
      continue;
    }
    const { receipt, key } = verdict.file;
    const score =
      receipt.result === null ? 'no score' : `${receipt.result.score}/${receipt.result.max_score}`;
    const believed = trusted === undefined ? ' (not compared with the installation: --keys)' : '';
    process.stdout.write(
      `${file}: fits. Submission ${receipt.submission_id}, attempt ${receipt.attempt}: ${score}, computed again ${verdict.recomputed}. Key ${key.kid}${believed}\n`,
    );
  }
  return misfits === 0 ? 0 : 1;
}

try {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { keys: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  const files = positionals[0] === 'verify' ? positionals.slice(1) : positionals;
  if (values.help === true || files.length === 0) {
    process.stdout.write(usage);
    process.exitCode = values.help === true ? 0 : 2;
  } else {
    const trusted = values.keys === undefined ? undefined : await keysFrom(values.keys);
    process.exitCode = await verify(files, trusted);
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
