import { z } from 'zod';
import { DeadLetter, DeadLetterPage, DeadLetterQuery } from '../grading/dead-letters.js';
import { defineApi } from '../http/route.js';
import { OperationState } from '../operation.js';
import { Id } from '../primitives.js';

/** What an operator looks at, and mends. */
export const operationApi = defineApi({
  getOperation: {
    method: 'get',
    path: '/operation',
    tag: 'Operation',
    summary: 'What works, what waits, and what the model did and cost by day',
    auth: 'user',
    responses: { 200: { description: 'The state.', schema: OperationState } },
  },
  listKeptMessages: {
    method: 'get',
    path: '/operation/dead-letters',
    tag: 'Operation',
    summary: 'Messages that could not be worked on, newest first',
    auth: 'user',
    query: DeadLetterQuery,
    responses: { 200: { description: 'A page.', schema: DeadLetterPage } },
  },
  replayKeptMessage: {
    method: 'post',
    path: '/operation/dead-letters/{dead_letter_id}/replay',
    tag: 'Operation',
    summary: 'Grade the submission of a message that could not be worked on again',
    auth: 'user',
    params: z.object({ dead_letter_id: Id }),
    responses: { 200: { description: 'Replayed, now or before.', schema: DeadLetter } },
    problems: ['not_found', 'conflict'],
  },
});
