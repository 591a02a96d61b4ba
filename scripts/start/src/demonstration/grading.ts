import { type Submission, type SubmissionEvent, createClient, publicApi } from '@cloudemy/contracts';
import type { Screen } from '../screen.js';
import type { Example } from './examples.js';
import { followSubmission } from './follow.js';
import type { People } from './people.js';

export interface GradingOutcome {
  file: string;
  submission: Submission;
  /** Milliseconds from the request to each state, as the client saw them. */
  timings: Record<string, number>;
}

export interface GradingDemonstration {
  backendUrl: string;
  example: Example;
  people: Pick<People, 'instructor' | 'student'>;
  screen: Screen;
  stop: AbortSignal;
}

const giveUpMs = 150_000;

/** Hands in the programs of an example as a client would, and shows each change as it comes. */
export async function demonstrateGrading({
  backendUrl,
  example,
  people,
  screen,
  stop,
}: GradingDemonstration): Promise<GradingOutcome[]> {
  const teaching = createClient(publicApi, { baseUrl: backendUrl, headers: people.instructor });
  const client = createClient(publicApi, { baseUrl: backendUrl, headers: people.student });
  const signal = AbortSignal.any([stop, AbortSignal.timeout(giveUpMs)]);
  const assignment = await teaching.createAssignment({ body: example.assignment }, { signal });
  screen.heading(`Grading: “${assignment.title}” (${assignment.language}), ${assignment.max_score} points`);
  const width = Math.max(...example.programs.map(({ file }) => file.length));

  return Promise.all(
    example.programs.map(async ({ file, code }) => {
      const begun = performance.now();
      const accepted = await client.createSubmission(
        { body: { assignment_id: assignment.assignment_id, code } },
        { signal },
      );
      const timings: Record<string, number> = { accepted: since(begun) };
      const events = followSubmission(backendUrl, accepted.submission_id, signal, people.student);
      for await (const event of events) {
        timings[event.status] ??= since(begun);
        screen.line(`${file.padEnd(width)}  ${String(since(begun)).padStart(6)} ms  ${inWords(event)}`);
      }
      const submission = await client.getSubmission(
        { params: { submission_id: accepted.submission_id } },
        { signal },
      );
      return { file, submission, timings };
    }),
  );
}

const since = (begun: number): number => Math.round(performance.now() - begun);

function inWords(event: SubmissionEvent): string {
  const attempt = event.attempt > 1 ? ` (attempt ${event.attempt})` : '';
  if (event.status === 'graded') return `graded${attempt}: ${event.score} of ${event.max_score}`;
  const reason = event.failure?.message ?? event.reason;
  return `${event.status}${attempt}${reason === null ? '' : `: ${reason}`}`;
}

/** Shows what a student would read. */
export function showResults(outcomes: readonly GradingOutcome[], screen: Screen): void {
  for (const { file, submission } of outcomes) {
    const score =
      submission.score === null ? submission.status : `${submission.score} of ${submission.max_score}`;
    const tags = submission.fail_tags.length === 0 ? 'none' : submission.fail_tags.join(', ');
    screen.heading(`${file}: ${score}`);
    screen.line(`fail tags  ${tags}`);
    screen.line(`metrics    ${metricsInWords(submission)}`);
    for (const line of (submission.feedback ?? submission.failure?.message ?? '').split('\n')) {
      screen.line(line === '' ? '' : `  ${line}`);
    }
  }
}

function metricsInWords({ metrics }: Submission): string {
  if (metrics === null) return 'none';
  const { model = 'model unknown', total_tokens = 0, llm_ms = 0, retries = 0, cost_usd } = metrics;
  const cost = cost_usd === null || cost_usd === undefined ? '' : `, $${cost_usd.toFixed(6)}`;
  return `${model}, ${total_tokens} tokens${cost}, ${Math.round(llm_ms)} ms, ${retries} retries`;
}

/** The line `--json` prints for a submission. */
export function jsonLine({ submission, timings }: GradingOutcome): string {
  const { submission_id, status, score, max_score, fail_tags, feedback, metrics, failure } = submission;
  return JSON.stringify({
    submission_id,
    status,
    score,
    max_score,
    fail_tags,
    feedback,
    metrics,
    timings_ms: timings,
    ...(failure === null ? {} : { failure }),
  });
}
