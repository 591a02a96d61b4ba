import type { publicApi } from '@cloudemy/contracts';
import { type Handlers, type Health, requestIdOf } from '@cloudemy/service';
import type { DeadLetters } from '../dead-letters/dead-letters.js';
import type { DeadLetterModel } from '../dead-letters/model.js';
import type { WhyWaiting } from '../hold/why-waiting.js';
import { countStatuses } from '../metrics/status-counts.js';
import type { SubmissionCollection } from '../submissions/model.js';
import type { Usage } from './usage.js';

export interface OperationRouteParts {
  health: Health;
  submissionCollection: SubmissionCollection;
  deadLetterModel: DeadLetterModel;
  deadLetters: DeadLetters;
  whyWaiting: WhyWaiting;
  usage: Usage;
}

const daysShown = 14;

type Operations = 'getOperation' | 'listKeptMessages' | 'replayKeptMessage';

export function operationHandlers(parts: OperationRouteParts): Pick<Handlers<typeof publicApi>, Operations> {
  const { health, deadLetters, whyWaiting, usage } = parts;
  return {
    getOperation: async () => {
      const now = new Date();
      const [checks, counts, waiting, days] = await Promise.all([
        health.ready(),
        countStatuses(parts.submissionCollection, parts.deadLetterModel),
        whyWaiting.of({ status: 'queued', waiting: null, status_since: new Date(0) }),
        usage.lastDays(daysShown),
      ]);
      return {
        status: 200,
        body: {
          checks: checks.map(({ name, ok, detail }) => ({
            name,
            ok,
            ...(detail === undefined ? {} : { detail }),
          })),
          active: counts.active.map(({ status, count, oldestMs }) => ({
            status,
            count,
            oldest_seconds: Math.round(oldestMs / 1_000),
          })),
          waiting:
            waiting === null
              ? null
              : {
                  code: waiting.code,
                  message: waiting.message,
                  since: (waiting.since.getTime() === 0 ? now : waiting.since).toISOString(),
                },
          dead_letters: counts.deadLetters,
          usage: days,
        },
      };
    },
    listKeptMessages: async ({ query }) => ({ status: 200, body: await deadLetters.list(query) }),
    replayKeptMessage: async ({ params, res }) => ({
      status: 200,
      body: await deadLetters.replay(params.dead_letter_id, requestIdOf(res)),
    }),
  };
}
