import { gradeOf, gradeView } from '../grades/grade.js';
import type { Told } from './receipts.js';

/** A page: a title, and sections of paragraphs and points. */
interface Page {
  title: string;
  sections: { heading: string; lines: string[] }[];
}

/** What part a machine had in a grade, for the person whose it is (Regulation (EU) 2024/1689, Article 86). */
function pageOf({ submission, summary, result }: Told): Page {
  const graded = result?.verdict.kind === 'graded' ? result.verdict.result : null;
  const reported =
    result === null || result.verdict.kind === 'ungradable' ? undefined : result.verdict.result.metrics.model;
  const model = reported ?? result?.record?.transcript?.exchanges.at(-1)?.model;
  const titles = new Map(
    (result?.assignment?.rubric.criteria ?? []).map((one) => [one.criterion_id, one.title]),
  );
  return {
    title: `How attempt ${summary.attempt} was graded`,
    sections: [
      { heading: 'What the machine did', lines: machineLines(model, graded !== null) },
      {
        heading: 'What it found',
        lines:
          graded === null
            ? [
                `This attempt is ${summary.status} and has no result. ${summary.failure?.message ?? ''}`.trim(),
              ]
            : graded.criteria.map(
                ({ criterion_id: id, met, points, max_points, reason }) =>
                  `${titles.get(id) ?? id}: ${met ? 'met' : 'not met'}, ${points} of ${max_points} points. ${reason}`,
              ),
      },
      { heading: 'Who decided', lines: deciderLines(submission) },
      {
        heading: 'What was passed on, and what was not',
        lines: [
          'Your code without its comments, and the text of the assignment with its criteria. Not your name, your address, your user number, your former work or grades, unless you wrote them into the code yourself.',
        ],
      },
      {
        heading: 'What you can do',
        lines: [
          'A machine can be wrong. Ask your instructor to look at a criterion: a person can put another grade in force, and must say why.',
          'Keep the signed receipt of this attempt. `cloudemy verify FILE` checks it and computes the score again, without asking us.',
        ],
      },
    ],
  };
}

function machineLines(model: string | undefined, isGraded: boolean): string[] {
  if (model === undefined) return ['No language model took part in the result of this attempt.'];
  return [
    `The language model ${model} read your code and said for each criterion whether it is met, with a reason and a quotation from your code.`,
    ...(isGraded
      ? [
          'The points were not given by the model: a fixed rule gives the points of a criterion that is met if the quotation really stands in your code, and adds them up.',
        ]
      : []),
  ];
}

function deciderLines(submission: Told['submission']): string[] {
  const grade = gradeView(gradeOf(submission));
  if (grade === null) return ['No grade is in force.'];
  const points = `${grade.score} of ${grade.max_score} points are in force since ${grade.graded_at}, from attempt ${grade.attempt}.`;
  return grade.source === 'attempt'
    ? [points, 'No person has changed that so far.']
    : [points, `A person put this grade in force, for this reason: ${grade.reason ?? 'none is kept'}`];
}

/** Characters that mean something in Markdown, as plain text. */
const plain = (text: string): string =>
  text.replaceAll(/[\\`*_{}[\]<>#|~]/g, String.raw`\$&`).replaceAll(/\s+/g, ' ');

export function receiptAsMarkdown(told: Told): string {
  const { title, sections } = pageOf(told);
  const body = sections.map(
    ({ heading, lines }) => `## ${heading}\n\n${lines.map((line) => `- ${plain(line)}`).join('\n')}\n`,
  );
  return `# ${title}\n\n${body.join('\n')}`;
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (one) => escapes[one] ?? one);

export function receiptAsHtml(told: Told): string {
  const { title, sections } = pageOf(told);
  const body = sections.map(({ heading, lines }) => {
    const items = lines.map((line) => `<li>${escaped(line)}</li>`).join('');
    return `<section><h2>${escaped(heading)}</h2><ul>${items}</ul></section>`;
  });
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title></head><body><main><h1>${escaped(title)}</h1>${body.join('')}</main></body></html>`;
}
