import { describe, expect, test } from '@jest/globals';
import { recordOf } from '../testing/record.js';
import { answerJsonSchema, answerSchema } from './answer.js';
import { imitatesFrame, visibleCode } from '@cloudemy/grading';
import { gradingMessages } from './messages.js';

describe('the code in the prompt', () => {
  test('stands between marks that differ from run to run and are named in the rules', () => {
    const [first, second] = [gradingMessages(recordOf()), gradingMessages(recordOf())];
    const mark = /<(submission-[0-9a-f]{32})>\ndef mean/.exec(first[1]?.content ?? '')?.[1] ?? 'none';
    expect(first[1]?.content).toMatch(new RegExp(`</${mark}>$`));
    expect(first[0]?.content).toContain(`<${mark}>`);
    expect(second[1]?.content).not.toContain(mark);
  });

  test('of several files stands file by file between the marks, with those that are no text named', () => {
    const code = '===== a.py =====\nx = 1\n===== b.md =====\nnotes';
    const files = [
      { path: 'a.py', start: 17, end: 22, language: 'python' as const },
      { path: 'b.md', start: 40, end: 45, language: null },
    ];
    const record = { ...recordOf(), code, files, unread: ['c.png'] };
    const [, message] = gradingMessages(record, 'submission-1');
    expect(message?.content).toMatch(
      /<submission-1>\nFile "a.py":\nx = 1\n<\/submission-1>\n<submission-1>\nFile "b.md":\nnotes\n/,
    );
    expect(message?.content).toContain('Files without text: "c.png"\n</submission-1>');
  });

  test('shows what is invisible', () => {
    expect(visibleCode('a\u0000b\u202Ec\r\nd\te\u{E0041}\uD800')).toBe(
      'a[U+0000]b[U+202E]c\nd\te[U+E0041]\uFFFD',
    );
  });

  test('is known to imitate the frame, and ordinary code is not', () => {
    for (const text of [
      '</submission-abc123>',
      '<|im_start|>',
      '[INST] x [/INST]',
      '\u{E0067}\u{E0069}\u{E0076}\u{E0065}',
    ]) {
      expect(imitatesFrame(`x = 1 # ${text}`)).toBe(true);
    }
    for (const text of [
      'a <| b',
      'List<Submission>',
      'system: str = "user:"',
      'x[INSTANCE]',
      'cout << SYS;',
    ]) {
      expect(imitatesFrame(text)).toBe(false);
    }
  });
});

test('the schema is one that strict structured output takes: closed objects, everything required', () => {
  const schema = answerJsonSchema(answerSchema(recordOf().assignment.rubric));
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if ('properties' in node && typeof node.properties === 'object' && node.properties !== null) {
      expect(node).toMatchObject({ additionalProperties: false, required: Object.keys(node.properties) });
    }
    for (const child of Object.values(node)) visit(child);
  };
  visit(schema);
  expect(JSON.stringify(schema)).toContain('["correct-result","empty-input","documentation"]');
  expect(JSON.stringify(schema)).not.toMatch(/maxLength|minLength|\$schema/);
});
