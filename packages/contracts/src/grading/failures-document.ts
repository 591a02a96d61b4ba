import { markdownTable } from '../markdown.js';
import { FailureCode, byExitCode, byReason, definitionOf } from './failure.js';
import { gracePeriods } from './failure-definition.js';

const scopes = { submission: 'this submission', installation: 'everybody' } as const;

/** The table as Markdown: what docs/failures.md holds below its mark. */
export function failuresAsMarkdown(): string {
  const rows = FailureCode.options.map((code) => {
    const { sentence, retryable, scope } = definitionOf(code);
    const reasons = [...byReason].filter(([, mapping]) => mapping.code === code);
    const exits = [...byExitCode].filter(([, mapping]) => mapping.code === code);
    return [
      `\`${code}\``,
      `${sentence}.`,
      retryable ? 'yes' : 'no',
      scopes[scope],
      reasons
        .map(([reason, { grace }]) => `\`${reason}\`${grace ? ` ${gracePeriods[grace] / 1_000} s` : ''}`)
        .join(', '),
      exits.map(([exit]) => String(exit)).join(', '),
    ];
  });
  const head = [
    'Code',
    'Sentence',
    'Tried again',
    'Meets',
    'Reasons of the cluster, grace period',
    'Exit code',
  ];
  return [...markdownTable(head, rows), ''].join('\n');
}
