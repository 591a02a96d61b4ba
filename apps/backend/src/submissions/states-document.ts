import { SubmissionStatus, markdownTable } from '@cloudemy/contracts';
import { type Transition, states } from './states.js';

/** The table of states as Markdown: what docs/states.md holds between its marks. */
export function statesAsMarkdown(): string {
  const overview = SubmissionStatus.options.map((status) => {
    const { meaning, deadline } = states[status];
    return [`\`${status}\``, meaning, deadline === null ? 'final' : `\`${deadline}\``];
  });
  const transitions = SubmissionStatus.options.flatMap((status) =>
    states[status].transitions.map((one) => [`\`${status}\``, ...cells(one)]),
  );
  return [
    ...markdownTable(['State', 'Meaning', 'Lasts at most'], overview),
    '',
    ...markdownTable(['From', 'To', 'Attempt', 'Made by', 'When'], transitions),
    '',
  ].join('\n');
}

const attempts = { progress: 'same', retry: 'next, by itself', request: 'next, on request' } as const;

const cells = ({ to, cause, by, when }: Transition): string[] => [
  `\`${to}\``,
  attempts[cause],
  by.join(', '),
  when,
];
