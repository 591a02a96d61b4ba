import { RunnerRecord } from '@cloudemy/contracts';
import { openRecord } from '@cloudemy/grading';
import { ZodError } from 'zod';
import { type BackendClient, retryAfter, spokeOtherwise, verdictOf } from '../backend.js';
import { type Logger, errorFields } from '../log.js';
import { withRetries } from '../retry.js';

export interface Source {
  submissionId: string;
  token: string;
  /** The attempt the token is for, when the token says. */
  attempt: number | undefined;
  /** Opens the record in Redis; without it only the backend is believed. */
  recordKey: string | undefined;
  /** What Redis holds, or null. */
  readRedis: () => Promise<string | null>;
  backend: BackendClient;
  log: Logger;
  signal: AbortSignal;
  /** Told of a record that does not open: a secret has changed, or somebody has written there. */
  onRefused: () => void;
}

export type Loaded =
  | { outcome: 'loaded'; record: RunnerRecord }
  /** Final, cancelled, or another attempt's turn: nothing to do. */
  | { outcome: 'superseded' }
  | { outcome: 'token-refused' }
  /** The backend cannot be reached now. */
  | { outcome: 'unavailable' }
  /** The backend answers, but not with something that can be graded. */
  | { outcome: 'unusable' };

/** Loads the submission of this attempt: from Redis, else from the backend, which holds the truth. */
export async function loadSubmission(source: Source): Promise<Loaded> {
  const cached = await fromRedis(source);
  return cached === undefined ? await fromBackend(source) : { outcome: 'loaded', record: cached };
}

/** What Redis holds is believed when it was sealed for this very attempt: others can write there too. */
async function fromRedis(source: Source): Promise<RunnerRecord | undefined> {
  const { log, submissionId, attempt, recordKey } = source;
  if (recordKey === undefined || attempt === undefined) {
    log.info('there is no key to what Redis holds; asking the backend');
    return undefined;
  }
  try {
    const sealed = await source.readRedis();
    if (sealed === null) {
      log.warn('Redis does not hold the submission; asking the backend');
      return undefined;
    }
    const text = openRecord(sealed, recordKey, { submissionId, attempt });
    if (text === undefined) {
      source.onRefused();
      log.warn('the record in Redis was not sealed for this attempt; asking the backend');
      return undefined;
    }
    const record = RunnerRecord.safeParse(JSON.parse(text));
    if (!record.success) log.warn('the record in Redis is malformed; asking the backend');
    else if (!isOurs(record.data, source)) log.warn('Redis holds another attempt; asking the backend');
    else {
      log.info('submission loaded from Redis');
      return record.data;
    }
  } catch (error) {
    log.warn('Redis gave no usable record; asking the backend', nameOf(error));
  }
  return undefined;
}

async function fromBackend(source: Source): Promise<Loaded> {
  const { backend, log, signal, submissionId, token } = source;
  try {
    const record = await withRetries(
      () =>
        backend.getRunnerRecord(
          { params: { submission_id: submissionId }, headers: { 'x-result-token': token } },
          { signal },
        ),
      {
        retries: 2,
        baseMs: 500,
        maxWaitMs: 5_000,
        retryable: (error) => (spokeOtherwise(error) || signal.aborted ? undefined : retryAfter(error)),
        onRetry: (error, waitMs) =>
          log.warn('the backend does not answer; trying again', {
            wait_ms: Math.round(waitMs),
            ...errorFields(error),
          }),
        signal,
      },
    );
    if (!isOurs(record, source)) return { outcome: 'superseded' };
    log.info('submission loaded from the backend');
    return { outcome: 'loaded', record };
  } catch (error) {
    signal.throwIfAborted();
    log.error('the backend did not give the submission', nameOf(error));
    // JSON that does not fit: asking again would bring the same.
    if (spokeOtherwise(error)) return { outcome: 'unusable' };
    const verdict = verdictOf(error);
    return { outcome: verdict === 'rejected' ? 'unusable' : verdict };
  }
}

function isOurs(record: RunnerRecord, { submissionId, attempt }: Source): boolean {
  return record.submission_id === submissionId && (attempt === undefined || record.attempt === attempt);
}

/** Parsers quote what they could not read, and that may be code: of their errors only the name is logged. */
function nameOf(error: unknown): Readonly<Record<string, unknown>> {
  return error instanceof ZodError || error instanceof SyntaxError
    ? { error: error.name }
    : errorFields(error);
}
