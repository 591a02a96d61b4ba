import { mapLimit } from '@cloudemy/async';
import { type GradingStack, submissionOf } from './grading-stack.js';

/** Submits so many, 16 at a time; returns their ids once all are accepted. */
export async function submit({ backend, assignmentId }: GradingStack, size: number): Promise<string[]> {
  const ids: string[] = [];
  await mapLimit(Array.from({ length: size }), 16, async () => {
    const { submission_id } = await backend.createSubmission({
      body: submissionOf(assignmentId),
      headers: {},
    });
    ids.push(submission_id);
  });
  return ids;
}
