import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type ManifestLimits, parseManifests } from './parse-manifests.js';

const JOB = `apiVersion: batch/v1
kind: Job
metadata:
  name: test-job
spec:
  template:
    spec:
      containers:
      - name: test
        image: busybox
        command: ['sh', '-c', 'sleep 3600']
      restartPolicy: Never`;

const CONFIG = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n';

async function problemsOf(text: string | Uint8Array, limits: Partial<ManifestLimits> = {}) {
  return (await parseManifests(text, limits)).problems;
}

/** The value of `data.v` when written so. */
async function valueOf(source: string): Promise<unknown> {
  const { documents, problems } = await parseManifests(`${CONFIG}data:\n  v: ${source}\n`);
  expect(problems).toEqual([]);
  const data = documents[0]?.object['data'];
  return typeof data === 'object' && data !== null && 'v' in data ? data.v : undefined;
}

describe('parseManifests', () => {
  it('reads the request of the documentation', async () => {
    const { documents, problems } = await parseManifests(JOB);
    expect(problems).toEqual([]);
    expect(documents).toHaveLength(1);
    expect(documents[0]?.title).toBe('Job/test-job');
    expect(documents[0]?.object).toMatchObject({
      spec: { template: { spec: { containers: [{ command: ['sh', '-c', 'sleep 3600'] }] } } },
    });
  });

  it('reads JSON, CRLF and a byte order mark', async () => {
    expect(
      (await parseManifests(JSON.stringify((await parseManifests(JOB)).documents[0]?.object))).documents,
    ).toHaveLength(1);
    expect((await parseManifests(`\uFEFF${JOB.replaceAll('\n', '\r\n')}`)).documents[0]?.object).toEqual(
      (await parseManifests(JOB)).documents[0]?.object,
    );
  });

  it('skips empty documents but counts them', async () => {
    const { documents, problems } = await parseManifests(`---\n# nothing\n---\n${JOB}\n---\n---\n${CONFIG}`);
    expect(problems).toEqual([]);
    expect(documents.map(({ index, title }) => [index, title])).toEqual([
      [2, 'Job/test-job'],
      [4, 'ConfigMap/c'],
    ]);
  });

  it('takes lists apart, nested ones too, and keeps positions', async () => {
    const { documents } = await parseManifests(
      `apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMapList\n  items:\n  - ${CONFIG.trim().replaceAll('\n', '\n    ')}\n    data:\n      k: v\n`,
    );
    expect(documents.map(({ title }) => title)).toEqual(['ConfigMap/c']);
    expect(documents[0]?.positionOf('data.k')).toEqual({ line: 11, column: 7 });
  });

  it.each([
    ['yes', true],
    ['n', false],
    ['Off', false],
    ['"yes"', 'yes'],
    ['!!str yes', 'yes'],
    ['0644', 420],
    ['0o644', 420],
    ['0x1F', 31],
    ['1_000', 1000],
    ['08', 8],
    ['+1', 1],
    ['-1.5e3', -1500],
    ['.5', 0.5],
    ['1.', 1],
    ['22:22', '22:22'],
    ['2026-01-01', '2026-01-01'],
    ['1.2.3', '1.2.3'],
    ['100m', '100m'],
    ['~', null],
    ['', null],
    ['|\n    a\n    b', 'a\nb\n'],
  ])('reads %s as the API server does', async (source, value) => {
    expect(await valueOf(source)).toEqual(value);
  });

  it('reads keys as the API server does', async () => {
    const { documents } = await parseManifests(`${CONFIG}data:\n  n: a\n  1: b\n`);
    expect(documents[0]?.object['data']).toEqual({ false: 'a', '1': 'b' });
  });

  it('follows anchors and merge keys', async () => {
    const { documents, problems } = await parseManifests(
      `${CONFIG}one: &x {a: 1, b: 2}\ntwo:\n  <<: *x\n  b: 3\nthree: [*x]\n`,
    );
    expect(problems).toEqual([]);
    expect(documents[0]?.object).toMatchObject({ two: { a: 1, b: 3 }, three: [{ a: 1, b: 2 }] });
    expect(documents[0]?.positionOf('two.a')).toEqual({ line: 4, column: 10 });
  });

  it('keeps a key called __proto__ a key', async () => {
    const { documents } = await parseManifests(`${CONFIG}data: {__proto__: {polluted: yes}}\n`);
    expect(Object.keys(documents[0]?.object['data'] ?? {})).toEqual(['__proto__']);
    expect(JSON.stringify(documents[0]?.object['data'])).toBe('{"__proto__":{"polluted":true}}');
  });

  it.each<[string, string | Uint8Array, string, RegExp, number, number]>([
    ['broken YAML', 'a: [1, 2\nb: }', 'not_yaml', /./, 2, 1],
    ['prose', 'hello world', 'not_an_object', /this is a string/, 1, 1],
    ['a list', '- a\n- b', 'not_an_object', /this is a list/, 1, 1],
    ['a tab', 'a:\n\tb: 1', 'not_yaml', /tab/, 2, 1],
    ['duplicate keys', `${CONFIG}data:\n  a: 1\n  a: 2`, 'duplicate_key', /"a" is there twice/, 6, 3],
    ['keys that become the same', `${CONFIG}data:\n  1: 1\n  "1": 2`, 'duplicate_key', /"1"/, 6, 3],
    ['a custom tag', `${CONFIG}data: !!js/function "x"`, 'tag_refused', /tag of its own/, 4, 21],
    ['a local tag', `${CONFIG}data:\n  a: !vault x`, 'tag_refused', /tag of its own/, 5, 13],
    ['an unknown anchor', `${CONFIG}data: *nope`, 'unknown_anchor', /refers to no anchor/, 4, 7],
    ['an anchor in itself', `${CONFIG}data: &a [*a]`, 'unknown_anchor', /contains itself/, 4, 11],
    ['a number too long', `${CONFIG}data: {a: 12345678901234567890}`, 'number_not_exact', /quotes/, 4, 11],
    ['infinity', `${CONFIG}data: {a: .inf}`, 'number_not_exact', /JSON/, 4, 11],
    ['another YAML version', `%YAML 1.2\n---\n${CONFIG}`, 'directive_refused', /1\.2/, 1, 1],
    ['NUL', 'a: 1\nb: \u0000', 'not_text', /U\+0000/, 2, 4],
    ['invalid UTF-8', Buffer.from([0x61, 0xff]), 'not_text', /UTF-8/, 1, 1],
    ['half a character', 'a: \ud800', 'not_text', /surrogate/, 1, 1],
    ['no kind', 'apiVersion: v1\nmetadata: {name: a}', 'invalid_field', /kind is missing/, 1, 1],
    [
      'a kind that is none',
      'apiVersion: v1\nkind: [a]\nmetadata: {name: a}',
      'invalid_field',
      /kind must be/,
      2,
      1,
    ],
    [
      'a path for an apiVersion',
      'apiVersion: ../v1\nkind: A\nmetadata: {name: a}',
      'invalid_field',
      /apiV/,
      1,
      1,
    ],
    ['no metadata', 'apiVersion: v1\nkind: A\n', 'invalid_field', /metadata is missing/, 1, 1],
    ['no name', 'apiVersion: v1\nkind: A\nmetadata: {}', 'invalid_field', /name is missing/, 3, 1],
    [
      'a name with a slash',
      'apiVersion: v1\nkind: A\nmetadata: {name: a/../b}',
      'invalid_field',
      /DNS name/,
      3,
      12,
    ],
    [
      'a namespace with a dot',
      CONFIG.replace('{name: c}', '{name: c, namespace: a.b}'),
      'invalid_field',
      /DNS label/,
      3,
      21,
    ],
  ])('refuses %s', async (_, text, code, message, line, column) => {
    const [problem] = await problemsOf(text);
    expect(problem).toMatchObject({ code, line, column });
    expect(problem?.message).toMatch(message);
  });

  it('reports every document with a problem, and the good ones too', async () => {
    const { documents, problems } = await parseManifests(`a: [\n---\n${CONFIG}---\nkind: 1\n---\n- x`);
    expect(documents).toHaveLength(1);
    expect(problems.map(({ document, code }) => [document, code])).toEqual([
      [1, 'not_yaml'],
      [3, 'invalid_field'],
      [3, 'invalid_field'],
      [3, 'invalid_field'],
      [4, 'not_an_object'],
    ]);
  });

  it('refuses too much of anything, quickly', async () => {
    expect((await problemsOf('a'.repeat(2 * 1024 * 1024)))[0]?.code).toBe('too_large');
    expect((await problemsOf(`${CONFIG}---\n`.repeat(5_000)))[0]?.code).toBe('too_many_documents');
    expect((await problemsOf('['.repeat(500_000)))[0]?.code).toBe('too_deep');
    expect((await problemsOf('{a: '.repeat(1_000)))[0]?.code).toBe('too_deep');
    expect((await problemsOf(`${'- '.repeat(100_000)}a`))[0]?.code).toBe('too_deep');
    expect((await problemsOf(`[${'1,'.repeat(25_000)}]`))[0]?.code).toBe('too_many_nodes');
    const keys = Array.from({ length: 9_000 }, (_, i) => `k${i}: 1`).join('\n');
    expect((await problemsOf(keys)).map(({ code }) => code)).toContain('invalid_field');
    const items = `apiVersion: v1\nkind: List\nitems:\n${'- {apiVersion: v1, kind: A, metadata: {name: a}}\n'.repeat(500)}`;
    expect((await problemsOf(items)).at(-1)?.code).toBe('too_many_documents');
  });

  it('notices an alias bomb by its size', async () => {
    const levels = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`);
    const [problem] = await problemsOf(`${CONFIG}a0: &a0 x\n${levels.join('\n')}`);
    expect(problem?.code).toBe('too_many_nodes');
  });

  it('lists at most a hundred problems', async () => {
    expect(await problemsOf('---\nx\n'.repeat(150))).toHaveLength(100);
  });

  it('never throws, whatever the text', async () => {
    const fragment = fc.constantFrom(
      'a',
      ': ',
      '- ',
      '\n',
      '  ',
      '{',
      '}',
      '[',
      ']',
      '&a ',
      '*a',
      '!t ',
      '"',
      "'",
      '|',
      '---\n',
      '#',
      '<<',
      '? ',
      ',',
      '\t',
      '%YAML 1.1\n',
      'kind: List\nitems: ',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.array(fragment, { maxLength: 40 }).map((parts) => parts.join('')),
        ),
        async (text) => {
          for (const problem of (await parseManifests(text)).problems) {
            expect(problem.line).toBeGreaterThanOrEqual(1);
            expect(problem.column).toBeGreaterThanOrEqual(1);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('carries every JSON value unaltered', async () => {
    const isExact = (value: unknown): boolean =>
      typeof value === 'number'
        ? !Number.isInteger(value) || Number.isSafeInteger(value)
        : typeof value !== 'object' || value === null || Object.values(value).every((item) => isExact(item));
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 5 }).filter(isExact), async (data) => {
        const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data };
        const text = JSON.stringify(object);
        fc.pre(!/[\u007f-\u009f\ufffe\uffff]/.test(text));
        const { documents, problems } = await parseManifests(text);
        expect(problems).toEqual([]);
        expect(JSON.stringify(documents[0]?.object)).toBe(text);
      }),
      { numRuns: 200, examples: [[{ '\u00a0a': '\ufeffb' }]] },
    );
  });

  it('finds the line of a field by any form of its path', async () => {
    const [document] = (await parseManifests(JOB)).documents;
    expect(document?.positionOf('spec.template.spec.containers[0].image')).toEqual({ line: 10, column: 9 });
    expect(document?.positionOf('.spec.template.spec.containers[name="test"].image')).toEqual({
      line: 10,
      column: 9,
    });
    expect(document?.positionOf(['spec', 'template', 'spec', 'containers', 0, 'command', 1]).line).toBe(11);
    expect(document?.positionOf('spec.template.spec.hostNetwork').line).toBe(7);
    expect(document?.positionOf('')).toEqual({ line: 1, column: 1 });
  });
});
