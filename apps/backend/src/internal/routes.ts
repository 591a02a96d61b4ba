import { internalApi } from '@cloudemy/contracts';
import { type Handlers, requestIdOf } from '@cloudemy/service';
import { z } from 'zod';
import type { DeadLetters } from '../dead-letters/dead-letters.js';
import type { RateLimitCounter } from '../llm/rate-limit-counter.js';
import type { ResultInbox } from '../results/inbox.js';
import { grantOf } from '../results/token.js';
import type { Attempts } from './attempts.js';
import type { RunnerCalls } from './runner-calls.js';

/**
 * The internal API as it is served: the body of a result is taken as it comes, because even one that is not
 * JSON ends the attempt and is kept.
 */
export const servedInternalApi = {
  ...internalApi,
  deliverResult: { ...internalApi.deliverResult, body: z.instanceof(Buffer).catch(() => Buffer.alloc(0)) },
};

export interface InternalParts {
  attempts: Attempts;
  deadLetters: DeadLetters;
  llm: RateLimitCounter;
  runnerCalls: RunnerCalls;
  inbox: ResultInbox;
}

export function internalHandlers({
  attempts,
  deadLetters,
  llm,
  runnerCalls,
  inbox,
}: InternalParts): Handlers<typeof servedInternalApi> {
  return {
    claimSubmissions: async ({ body }) => {
      const { items, hold } = await attempts.claim(body.items);
      return { status: 200, body: { items, llm: llm.read(), hold } };
    },
    reportJobs: async ({ body }) => ({ status: 200, body: { items: await attempts.report(body.items) } }),
    readStates: async ({ body }) => ({
      status: 200,
      body: { items: await attempts.states(body.submission_ids) },
    }),
    listActiveAttempts: async ({ query }) => ({ status: 200, body: await attempts.active(query) }),
    reportDeadLetter: async ({ body }) => ({
      status: 200,
      body: await deadLetters.report(body, 'scheduler'),
    }),
    listDeadLetters: async ({ query }) => ({ status: 200, body: await deadLetters.list(query) }),
    replayDeadLetter: async ({ params, res }) => ({
      status: 200,
      body: await deadLetters.replay(params.dead_letter_id, requestIdOf(res)),
    }),
    getRunnerRecord: async ({ res }) => ({ status: 200, body: await runnerCalls.record(grantOf(res)) }),
    reportStarted: async ({ res }) => ({ status: 200, body: await runnerCalls.started(grantOf(res)) }),
    deliverResult: async ({ res, body }) => ({
      status: 200,
      body: await inbox.deliver(grantOf(res), body),
    }),
  };
}
