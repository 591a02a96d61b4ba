import { type Failure, failure } from '@cloudemy/contracts';
import { InvalidNameError, JobNameTakenError, KubeApiError, KubeConnectionError } from '@cloudemy/k8s';

/** What to do about a Job that could not be created. */
export type CreationError =
  /** This one Job cannot be created just now. */
  | { kind: 'again' }
  /** It would meet any Job, and the same request may succeed later. */
  | { kind: 'outage'; failure: Failure }
  /** The cluster will not take this Job, ever. */
  | { kind: 'final'; failure: Failure };

/**
 * Tells passing faults from final ones. What an operator must correct (rights, the namespace, credentials, quotas, rules
 * of admission) is passing: it must not fail everybody's submissions.
 */
export function classify(error: unknown): CreationError {
  if (error instanceof JobNameTakenError) return nameTaken(error);
  if (error instanceof InvalidNameError) return rejected(error.message);
  if (error instanceof KubeConnectionError) return unavailable(error.what);
  if (!(error instanceof KubeApiError)) return { kind: 'again' };
  switch (error.status) {
    case 400:
    case 413:
    case 422:
      return /denied (the )?request/.test(error.message)
        ? admissionRefused(error.message)
        : rejected(error.message);
    case 403:
      return forbidden(error.message);
    case 409:
      return { kind: 'again' };
    default:
      return unavailable(wordsOf(error));
  }
}

/** Whether other Jobs would fare no better. */
export const isOutage = (error: unknown): boolean => classify(error).kind === 'outage';

function nameTaken(error: JobNameTakenError): CreationError {
  // On its way out: the name will be free.
  if (error.job.metadata.deletionTimestamp !== undefined) return { kind: 'again' };
  return rejected(error.message);
}

/** 403 is said for missing rights, a namespace on its way out, quotas and admission alike. */
function forbidden(message: string): CreationError {
  if (/exceeded quota|failed quota/.test(message)) {
    const sentence = 'The cluster has no room left for graders';
    return { kind: 'outage', failure: failure('quota_exceeded', { sentence, because: message }) };
  }
  if (/cannot \w+ resource|is being terminated/.test(message)) return unavailable(message);
  return admissionRefused(message);
}

/** A page of a proxy says nothing to anybody. */
const wordsOf = ({ status, message }: KubeApiError): string =>
  /^\s*</.test(message) ? `the server answered ${status} with a page that is not its own` : message;

function unavailable(because: string): CreationError {
  return { kind: 'outage', failure: failure('cluster_unavailable', { because }) };
}

/** Rules can be changed, and a policy's webhook can err for a while: no Job of ours is unlike the others. */
function admissionRefused(because: string): CreationError {
  const sentence = "The cluster's rules do not allow the grader";
  return { kind: 'outage', failure: failure('admission_refused', { sentence, because }) };
}

function rejected(message: string): CreationError {
  return { kind: 'final', failure: failure('job_rejected', { because: message }) };
}
