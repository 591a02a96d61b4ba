import { gzipSync } from 'node:zlib';

const MiB = 1_024 * 1_024;

/** A body that is meant to cost much: to read, to check, or to tell what is wrong with it. */
export interface HeavyBody {
  readonly name: string;
  readonly body: Buffer;
  readonly compressed?: true;
}

const json = (name: string, text: string): HeavyBody => ({ name, body: Buffer.from(text) });

const repeated = (count: number, item: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => item(index)).join(',');

const manyKeys = `{${repeated(120_000, (index) => `"${index}":1`)}}`;

const longText = JSON.stringify('a@'.repeat(MiB));
const shortList = `[${repeated(900, () => '0')}]`;
const longList = `[${repeated(400_000, () => '{}')}]`;

/** Heavy whatever the operation takes. Made once: to compress 64 MiB takes longer than all requests of an operation. */
const general: readonly HeavyBody[] = [
  json('many unknown keys', manyKeys),
  json('few unknown keys', `{${repeated(900, (index) => `"${index}":1`)}}`),
  json(
    'unknown keys of control characters',
    `{${repeated(60, (index) => `"${String.raw`\u0000`.repeat(150)}${index}":1`)}}`,
  ),
  json('one long unknown key', `{"${'k'.repeat(1.9 * MiB)}":1}`),
  json('deep lists', `${'['.repeat(900_000)}${']'.repeat(900_000)}`),
  json('deep objects', `${'{"a":'.repeat(300_000)}1${'}'.repeat(300_000)}`),
  json('a list of lists', `[${repeated(500_000, () => '[]')}]`),
  json('a long string', JSON.stringify('x'.repeat(1.9 * MiB))),
  { name: 'many unknown keys, compressed', body: gzipSync(manyKeys), compressed: true },
  { name: 'nothing but space, compressed', body: gzipSync(Buffer.alloc(64 * MiB, 0x20)), compressed: true },
];

/** @param fields of the body that the operation takes: what is heavy may lie in one of them */
export function heavyBodies(fields: readonly string[]): HeavyBody[] {
  return [
    ...general,
    ...fields.flatMap((field) => [
      json(`a long string as ${field}`, `{${JSON.stringify(field)}:${longText}}`),
      json(`a short list of wrong items as ${field}`, `{${JSON.stringify(field)}:${shortList}}`),
      json(`a long list of wrong items as ${field}`, `{${JSON.stringify(field)}:${longList}}`),
    ]),
  ];
}
