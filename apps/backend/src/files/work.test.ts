import { describe, expect, test } from '@jest/globals';
import { type FileCreate, pathFault, pathKey } from '@cloudemy/contracts';
import { partsOf } from '@cloudemy/grading';
import fc from 'fast-check';
import { type Zippable, strToU8, zipSync } from 'fflate';
import { workOf } from './work.js';

const limits = { whose: 'this service' as const, textBytes: 64 * 1_024, allBytes: 1_024 * 1_024 };
const file = (path: string, content: string, encoding: FileCreate['encoding'] = 'utf-8'): FileCreate => ({
  path,
  content,
  encoding,
});
const ofFiles = (...files: FileCreate[]) => workOf({ files }, 'python', limits);
const zipped = (files: Zippable): string => Buffer.from(zipSync(files)).toString('base64');
const ofZip = (files: Zippable) => workOf({ archive: zipped(files) }, 'python', limits);
const refusal = (work: Promise<unknown>): Promise<{ code: string; message: string }> =>
  work.then(
    () => ({ code: 'taken', message: '' }),
    (error: unknown) => Object(error),
  );

describe('files', () => {
  test('are one text, each a part of it, and what is no text is kept apart', async () => {
    const work = await ofFiles(
      file('main.py', 'import util\n'),
      file('lib/util.py', 'x = 1'),
      file('README', 'Read me.'),
      file('logo.png', Buffer.from([137, 80, 0, 255]).toString('base64'), 'base64'),
      file('latin.py', Buffer.from('s = "grüße"', 'latin1').toString('base64'), 'base64'),
    );
    expect(work.code).toBe(
      '===== main.py =====\nimport util\n\n===== lib/util.py =====\nx = 1\n===== README =====\nRead me.',
    );
    expect(work.files?.map(({ path, language, start }) => [path, language, start === null])).toEqual([
      ['main.py', 'python', false],
      ['lib/util.py', 'python', false],
      ['README', null, false],
      ['logo.png', null, true],
      ['latin.py', null, true],
    ]);
    expect(work.kept.map(({ path }) => path)).toEqual(['logo.png', 'latin.py']);
  });

  test('come back from the text as they were handed in', async () => {
    const content = fc
      .string({ unit: 'grapheme', maxLength: 60 })
      .filter((text) => !text.startsWith('\ufeff'));
    const path = fc.stringMatching(/^[a-z]{1,8}(\/[a-z]{1,8}){0,3}\.(py|md|txt)$/);
    const files = fc.uniqueArray(fc.record({ path, content }), { minLength: 1, selector: (one) => one.path });
    await fc.assert(
      fc.asyncProperty(files, async (all) => {
        if (!all.some((one) => one.content !== '' && !one.content.includes('\0'))) return;
        const { code, files: stored = [] } = await ofFiles(...all.map((one) => file(one.path, one.content)));
        const parts = stored.flatMap(({ start, end, path: at, language }) =>
          start === null || end === null ? [] : [{ path: at, start, end, language }],
        );
        const given = new Map(all.map((one) => [one.path, one.content]));
        for (const part of partsOf({ code, language: 'python', files: parts })) {
          expect(part.text).toBe(given.get(part.path));
        }
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ['../up.py', 'must not hold . or ..'],
    ['a/../../up.py', 'must not hold . or ..'],
    ['/etc/passwd', 'must be relative'],
    ['a//b.py', 'must be relative'],
    ['C:\\x.py', 'must hold no control'],
    ['a\\b.py', 'must hold no control'],
    ['a\u202egnp.py', 'must hold no control'],
    ['a\nb.py', 'must hold no control'],
    ['a/b/c/d/e/f/g/h/i/j/k.py', 'at most 9 folders'],
    ['a. /b.py', 'end with a space'],
    [`${'x'.repeat(300)}.py`, '1 to 200 characters'],
  ])('%j leads nowhere', (path, fault) => {
    expect(pathFault(path)).toContain(fault);
  });

  test('whatever a path holds, it leads to a place below the submission or is refused', () => {
    const piece = fc.constantFrom('..', '.', '', 'a', '/', '\\', 'B', ' ', '~', 'c:', '\0', 'é');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const path = pieces.join('');
        if (pathFault(path) !== undefined) return;
        const url = new URL(path.split('/').map(encodeURIComponent).join('/'), 'file:///base/');
        expect(url.pathname.startsWith('/base/')).toBe(true);
      }),
    );
  });

  test.each([
    ['differ by case', ['Main.py', 'main.py']],
    ['differ by how an accent is composed', ['caf\u00e9.py', 'cafe\u0301.py']],
    ['are a file and a folder', ['a', 'a/b.py']],
    ['are a file and a folder of another case', ['A/b.py', 'a']],
  ])('two names that %s are refused', async (_, paths) => {
    const { code, message } = await refusal(ofFiles(...paths.map((path) => file(path, 'x = 1'))));
    expect(code).toBe('invalid_request');
    expect(message).toContain('files[');
    expect(new Set(['Main.py', 'main.py'].map(pathKey)).size).toBe(1);
  });

  test('without any text there is nothing to grade', async () => {
    expect(await refusal(ofFiles(file('a.bin', 'AAAA', 'base64')))).toMatchObject({
      message: expect.stringContaining('no text that a grader can read'),
    });
  });
});

describe('a notebook', () => {
  const notebook = (cells: object[]) =>
    JSON.stringify({
      nbformat: 4,
      nbformat_minor: 5,
      metadata: { language_info: { name: 'python' } },
      cells,
    });

  test('is taken apart into its cells, in order, without outputs', async () => {
    const cells = [
      { cell_type: 'markdown', source: ['# Task\n', 'One.'], metadata: {} },
      { cell_type: 'code', source: 'x = 1\n', outputs: [{ text: 'SECRET' }], metadata: {} },
      { cell_type: 'code', source: [], outputs: [], metadata: {} },
      { cell_type: 'code', source: ['y = 2\n', 'z = 3'], outputs: [], metadata: {} },
    ];
    const work = await ofFiles(file('hw/one.ipynb', notebook(cells)));
    expect(work.files?.map(({ path, language }) => [path, language])).toEqual([
      ['hw/one.ipynb', null],
      ['hw/one.ipynb/cell-01.md', null],
      ['hw/one.ipynb/cell-02.py', 'python'],
      ['hw/one.ipynb/cell-04.py', 'python'],
    ]);
    expect(work.code).toContain('y = 2\nz = 3');
    expect(work.code).not.toContain('SECRET');
    expect(work.kept.map(({ path }) => path)).toEqual(['hw/one.ipynb']);
  });

  test.each(['{}', 'not json', '{"nbformat":3,"worksheets":[]}', '{"nbformat":4,"cells":[{"source":1}]}'])(
    'that is none is refused: %s',
    async (content) => {
      expect((await refusal(ofFiles(file('a.ipynb', content)))).message).toContain('no Jupyter notebook');
    },
  );

  test('with more cells than files are taken is refused', async () => {
    const cells = Array.from({ length: 300 }, () => ({ cell_type: 'code', source: 'x' }));
    expect((await refusal(ofFiles(file('a.ipynb', notebook(cells))))).code).toBe('too_large');
  });
});

describe('an archive', () => {
  test('gives the files of the folder that was packed, and nothing that systems add', async () => {
    const work = await ofZip({
      'hw1/main.py': strToU8('x = 1'),
      'hw1/lib/u.py': strToU8('y = 2'),
      '__MACOSX/hw1/._main.py': strToU8('?'),
      'hw1/.DS_Store': strToU8('?'),
      'hw1/.git/config': strToU8('?'),
    });
    expect(work.files?.map(({ path }) => path)).toEqual(['main.py', 'lib/u.py']);
  });

  test.each<[string, Zippable, string]>([
    ['10,000 entries', entries(10_000), 'entries'],
    ['more files than are taken', entries(300), 'files'],
    ['a bomb', { 'a.txt': new Uint8Array(40 * 1_024 * 1_024) }, 'unpacks to'],
    ['a file that grows too much', { 'a.txt': new Uint8Array(900 * 1_024) }, 'grows'],
    ['a path that leads out', { '../a.py': strToU8('x') }, 'relative'],
    ['an absolute path', { '/a.py': strToU8('x') }, 'absolute'],
    ['a link', { 'a.py': [strToU8('/etc/passwd'), { os: 3, attrs: 0o120777 << 16 }] }, 'link'],
    ['two names of one file', { 'a.py': strToU8('x'), 'A.py': strToU8('y') }, 'take for one'],
  ])('with %s is refused', async (_, files, reason) => {
    const { code, message } = await refusal(ofZip(files));
    expect(['invalid_request', 'too_large']).toContain(code);
    expect(message).toContain(reason);
  });

  test('that says less than it holds is stopped while it is unpacked', async () => {
    const honest = zipSync({ 'a.txt': new Uint8Array(600 * 1_024).fill(65) });
    const view = new DataView(honest.buffer);
    for (let at = 0; at + 4 < honest.length; at += 1) {
      const signature = view.getUint32(at, true);
      if (signature === 0x02014b50) view.setUint32(at + 24, 10, true);
      if (signature === 0x04034b50) view.setUint32(at + 22, 10, true);
    }
    const archive = Buffer.from(honest).toString('base64');
    expect(await refusal(workOf({ archive }, 'python', limits))).toMatchObject({ code: 'invalid_request' });
  });

  test('however it is damaged, it is unpacked or refused', async () => {
    const whole = Buffer.from(zipSync({ 'a.py': strToU8('x = 1\n'.repeat(50)), 'b/c.md': strToU8('# c') }));
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(damage, fc.nat(whole.length), async (changes, cut) => {
        const bytes = Buffer.from(whole);
        for (const [at, byte] of changes) bytes[at] = byte;
        const archive = bytes.subarray(0, changes.length % 2 === 0 ? cut : bytes.length).toString('base64');
        const { code } = await refusal(workOf({ archive }, 'python', limits));
        expect(['taken', 'invalid_request', 'too_large']).toContain(code);
      }),
      { numRuns: 200 },
    );
  });
});

function entries(count: number): Zippable {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`f${at}.py`, strToU8('x')]));
}
