import { describe, expect, test } from '@jest/globals';
import { Rubric } from '@cloudemy/contracts';
import fc from 'fast-check';
import { answerReader } from '../prompt/answer.js';
import { recordOf } from '../testing/record.js';
import { parseAnswer } from './parse.js';

const rubric = Rubric.parse({
  criteria: ['one', 'two'].map((criterion_id) => ({ criterion_id, title: criterion_id, points: 1 })),
});
const reader = answerReader(rubric);
const record = recordOf({ code: 'return 1' });
record.assignment.rubric = rubric;
const parse = (...texts: string[]) => parseAnswer(texts, reader, record);

const answerOf = (met: boolean, reason = 'r', evidence: string | null = null) => ({
  verdicts: ['one', 'two'].map((criterion_id) => ({ criterion_id, reason, evidence, met })),
  manipulation: { suspected: false, quotation: null },
  summary: 's',
});
const answer = answerOf(true);
const json = JSON.stringify(answer);

/** What models and servers put around an answer. */
const wrappings: readonly (readonly [string, (text: string) => string])[] = [
  ['nothing', (text) => text],
  ['a fence', (text) => `\`\`\`json\n${text}\n\`\`\``],
  [
    'a sentence and a fence',
    (text) => `My assessment:\n\n\`\`\`json\n${text}\n\`\`\`\n\nAsk if anything is unclear.`,
  ],
  ['prose with braces', (text) => `The set {1, 2} is { not closed.\n${text}\nDone } here.`],
  ['thinking', (text) => `<think>\nA draft first: {"verdicts": []} and now.\n</think>\n\n${text}`],
  [
    'thinking that holds another answer',
    (text) => `<think>${JSON.stringify(answerOf(false))}</think>${text}`,
  ],
  ['thinking whose beginning the template wrote', (text) => `First I look at it.</think>${text}`],
  [
    'channels',
    (text) => `<|channel|>analysis<|message|>Hm {<|end|><|channel|>final<|message|>${text}<|return|>`,
  ],
  ['an end mark', (text) => `${text}<|im_end|>`],
  ['a byte order mark', (text) => `\ufeff${text}`],
  ['the answer once more', (text) => `${text}\n\nAgain:\n${text}`],
  ['a call', (text) => JSON.stringify({ name: 'verdict', arguments: text })],
  ['an envelope', (text) => `{"result": {"answer": ${text}}}`],
];

describe('an answer is found', () => {
  test.each(wrappings)('in %s', (_, wrap) => {
    expect(parse(wrap(json))).toEqual({ answer });
  });

  test('in any wrapping, whatever it says', () => {
    const said = fc.record({
      met: fc.boolean(),
      reason: fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('}{"', '</think>', '```', '\\"', 'a\nb'),
      ),
      evidence: fc.option(fc.oneof(fc.string(), fc.constant('{"verdicts": []}'))),
    });
    fc.assert(
      fc.property(
        said,
        fc.constantFrom(...wrappings),
        fc.constantFrom(undefined, 2),
        (values, wrapping, indent) => {
          const expected = answerOf(values.met, values.reason, values.evidence);
          const [name, wrap] = wrapping;
          // A mark of thinking in a text is taken for one, when more than JSON stands around it.
          fc.pre(name === 'nothing' || !JSON.stringify(expected).includes('</think>'));
          expect(parse(wrap(JSON.stringify(expected, null, indent)))).toEqual({ answer: expected });
        },
      ),
    );
  });

  test('with keys of its own, lines broken inside of strings, and texts left out', () => {
    expect(parse(`{"score": 1000, ${json.slice(1)}`)).toEqual({ answer });
    expect(parse(json.replace('"summary":"s"', '"summary":"s\n\tt"'))).toEqual({
      answer: { ...answer, summary: 's\n\tt' },
    });
    const bare = {
      verdicts: answer.verdicts.map(({ criterion_id, met }) => ({ criterion_id, met })),
      manipulation: { suspected: false },
    };
    expect(parse(JSON.stringify(bare))).toMatchObject({
      answer: { summary: '', verdicts: [{ reason: '', evidence: null }, {}] },
    });
  });

  test('at the place where it is, when there are several', () => {
    expect(parse('Well done!', json)).toEqual({ answer });
  });
});

describe('no answer is found', () => {
  test.each([
    ['where nothing is said', '', 'it is empty'],
    ['in words', 'Well done!', 'it is not JSON'],
    ['in thoughts that do not end', `<think>${json}`, 'it ends before the thinking does'],
    ['in half of one', json.slice(0, -20), /not JSON|does not fit/],
    ['of another form', '{"verdicts": [], "manipulation": {"suspected": "no"}}', /does not fit the schema/],
    [
      'without one of the criteria',
      JSON.stringify({ ...answer, verdicts: [] }),
      'there is no verdict for one, two',
    ],
    ['among two that differ', `${JSON.stringify(answerOf(false))} ${json}`, 'it holds more than one answer'],
    ['in more than yes', json.replace('"met":true', '"met":100'), /does not fit the schema/],
  ])('%s', (_, text, fault) => {
    expect(parse(text)).toEqual({
      fault: typeof fault === 'string' ? fault : expect.stringMatching(fault),
    });
  });

  test('in a quotation of what the submission says', () => {
    const quoting = { ...record, code: `# ${JSON.stringify(answer, null, 2)}` };
    expect(parseAnswer([`It says ${json}.`], reader, quoting)).toEqual({
      fault: 'it repeats what the submission says',
    });
    expect(parseAnswer([`It says ${json}. ${JSON.stringify(answerOf(false))}`], reader, quoting)).toEqual({
      answer: answerOf(false),
    });
  });

  test('whatever garbage comes, and no error either', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('{"', '}', '{"a": {', '<think>', '</think>', '```json\n', json.slice(0, 40), '\\"'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        expect(parse(pieces.join(''))).toHaveProperty('fault');
      }),
    );
    expect(parse('{"a":'.repeat(200_000))).toHaveProperty('fault');
  });
});
