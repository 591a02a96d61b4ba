import type { Findings } from './report.js';

/** Everything a run found, a line each, for people. */
export function inSentences(found: Findings, crashes: readonly string[]): string[] {
  return [
    ...found.shown.flatMap(({ submission_id: id, failure }) =>
      failure === null ? [] : [`${id}: ${failure.message}`],
    ),
    ...found.leftovers.map((what) => `left over: ${what}`),
    ...found.leftOpen.map((what) => `left open: ${what}`),
    ...found.stored.flatMap(({ submissionId, faults }) => faults.map((fault) => `${submissionId}: ${fault}`)),
    ...found.gradesChanged,
    ...found.receiptsUnfit,
    ...found.overMemory,
    ...found.findings,
    ...found.answers.serverErrors,
    ...crashes.map((part) => `${part} ended by itself`),
  ];
}
