import { callerOf } from '@cloudemy/auth';
import type { Response } from 'express';
import { mayKnowWhy } from '../auth/scope.js';
import type { Reader } from '../submissions/submissions.js';
import type { Sight } from './sight.js';

/** What is shown of a submission to the maker of a request. */
export async function readerOf(res: Response, sight: Sight, submissionId: string): Promise<Reader> {
  const sees = await sight.ofOne(res, submissionId);
  return { knows: mayKnowWhy(callerOf(res)), sees: () => sees };
}
