import { SubmissionStatus } from '@cloudemy/contracts';
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
    ...table(['State', 'Meaning', 'Lasts at most'], overview),
    '',
    ...table(['From', 'To', 'Attempt', 'Made by', 'When'], transitions),
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

/** Padded as the formatter of the repository pads tables. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)];
}
