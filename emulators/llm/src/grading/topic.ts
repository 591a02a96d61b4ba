import type { Criterion } from './request.js';

/** What a criterion is about, which decides what is looked for in the code. */
export type Topic =
  | 'documentation'
  | 'tests'
  | 'security'
  | 'robustness'
  | 'efficiency'
  | 'style'
  | 'correctness';

const WORDS: [Topic, RegExp][] = [
  ['tests', /\btest(?:s|ed|ing)?\b|\bassertions?\b/i],
  ['documentation', /\bdocument|\bdocstring|\bcomment|\bjavadoc|\bjsdoc/i],
  ['security', /\bsecur|\binjection|\bunsafe|\beval\b|\bsaniti[sz]/i],
  [
    'robustness',
    /\berrors?\b|exception|\braise|\bthrow|\binvalid|validat|\bedge|\bempty\b|boundar|corner|robust/i,
  ],
  ['efficiency', /efficien|complexity|performan|linear time|\bO\(|\bfast/i],
  ['style', /\bstyle|readab|\bnaming|\bclean|\bclear\b|structure|maintainab/i],
];

/** The topic by the words of the id and title, else by those of the description, else correctness. */
export function topicOf(criterion: Criterion): Topic {
  const texts = [`${criterion.id.replaceAll(/[-_]/g, ' ')} ${criterion.title}`];
  // A title that speaks of correctness settles it: its description may well mention errors or tests.
  if (/correct|result|output|behavio/i.test(texts[0] ?? '')) return 'correctness';
  texts.push(criterion.description);
  for (const text of texts) {
    const found = WORDS.find(([, pattern]) => pattern.test(text));
    if (found !== undefined) return found[0];
  }
  return 'correctness';
}

/** Names a criterion puts in backticks: those the code must have, and those it must not. */
export function namesIn(criterion: Criterion): { wanted: string[]; unwanted: string[] } {
  const wanted: string[] = [];
  const unwanted: string[] = [];
  const text = `${criterion.title}. ${criterion.description}`;
  for (const found of text.matchAll(/`([A-Za-z_]\w*)(?:\([^`]*\))?`/g)) {
    const before = text.slice(Math.max(0, found.index - 40), found.index);
    const negated = /\b(?:not|never|without|no|avoid|avoids|instead of)\b[^.;]*$/i.test(before);
    (negated ? unwanted : wanted).push(found[1] ?? '');
  }
  return { wanted, unwanted };
}
