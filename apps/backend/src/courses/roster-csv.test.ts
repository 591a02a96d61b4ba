import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readRoster } from './roster-csv.js';

const reasons = (csv: string) => readRoster(csv).faults.map(({ line, reason }) => `${line}: ${reason}`);

test('a roster of a spreadsheet is read, with its byte order mark, semicolons and quotes', () => {
  const csv =
    '\uFEFFName;E-Mail;Section;Note\r\n"Kim, Minjun";MINJUN@example.com;Group A;x\r\n\r\nÖzlem;oz@example.com;;\r\n';
  expect(readRoster(csv)).toEqual({
    faults: [],
    rows: [
      { line: 2, email: 'minjun@example.com', name: 'Kim, Minjun', section: 'group-a', role: undefined },
      { line: 4, email: 'oz@example.com', name: 'Özlem', section: undefined, role: undefined },
    ],
  });
});

test('columns may have Korean names', () => {
  const { rows } = readRoster('이메일\t이름\t분반\nmj@example.com\t김민준\ta\n');
  expect(rows).toMatchObject([{ email: 'mj@example.com', name: '김민준', section: 'a' }]);
});

test.each([
  [
    'a person who is named twice',
    'email\na@example.com\nb@example.com\nA@example.com',
    '4: a@example.com stands in line 2 too',
  ],
  [
    'a file without a column of addresses',
    'name\nMinjun',
    '1: the first line must name the columns, and one of them email; it reads: name',
  ],
  [
    'two columns of the same name',
    'email,E-Mail\na@example.com,b@example.com',
    '1: two columns are called email',
  ],
  ['what is no address', 'email\nminjun', '2: email must be an e-mail address'],
  ['an address that is missing', 'email,name\n,Minjun', '2: email must be an e-mail address'],
  [
    'a role that there is not',
    'email,role\na@example.com,boss',
    '2: role must be one of instructor, assistant, student',
  ],
  [
    'a quotation mark that is not closed',
    `email,name\na@example.com,"Minjun\n`,
    '2: the quotation marks do not fit together: one inside a cell is written twice, and the cell between two',
  ],
])('%s is told with its line', (_what, csv, fault) => {
  expect(reasons(csv)).toEqual([fault]);
});

test('all faults are told at once', () => {
  expect(reasons('email,role\nno address,boss\n,student')).toHaveLength(3);
});

test('more people than a course may have are refused before any is read', () => {
  const csv = ['email', ...Array.from({ length: 5_001 }, (_, index) => `p${index}@example.com`)].join('\n');
  expect(reasons(csv)).toEqual(['1: there are 5001 people; a course has at most 5000']);
});

test('whatever the text is, there are rows or faults, and a row without a fault has an address', () => {
  const cell = fc.oneof(
    fc.string(),
    fc.constantFrom('email', 'name', 'a@example.com', '"', ';', ',', '\t', '\n', '\uFEFF'),
  );
  fc.assert(
    fc.property(fc.array(cell, { maxLength: 30 }), (cells) => {
      const { rows, faults } = readRoster(cells.join(','));
      if (faults.length === 0) expect(rows.every(({ email }) => email.includes('@'))).toBe(true);
    }),
  );
});
