import { type Failure, failure } from '@cloudemy/contracts';
import { InvalidNameError, JobNameTakenError, KubeApiError, KubeConnectionError } from '@cloudemy/k8s';

/** What to do about a Job that could not be created. */
export type CreationError =
  /** This one Job cannot be created just now. */
  | { kind: 'again' }
  /** The fault lies with the cluster or with us, and would meet any Job: the same request may succeed later. */
  | { kind: 'outage' }
  /** There may be room later; worth waiting for, but not for ever. */
  | { kind: 'quota'; failure: Failure }
  /** The cluster will not take this Job, ever. */
  | { kind: 'final'; failure: Failure };

/**
 * Tells passing faults from final ones. What an operator must mend (rights, the namespace, credentials) is
 * passing: it must not fail everybody's submissions.
 */
export function classify(error: unknown): CreationError {
  if (error instanceof JobNameTakenError) return nameTaken(error);
  if (error instanceof InvalidNameError) return rejected(error.message);
  if (!(error instanceof KubeApiError))
    return { kind: error instanceof KubeConnectionError ? 'outage' : 'again' };
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
      return { kind: 'outage' };
  }
}

/** Whether other Jobs would fare no better: a quota is such a refusal too, until something finishes. */
export function isOutage(error: unknown): boolean {
  const { kind } = classify(error);
  return kind === 'outage' || kind === 'quota';
}

function nameTaken(error: JobNameTakenError): CreationError {
  // On its way out: the name will be free.
  if (error.job.metadata.deletionTimestamp !== undefined) return { kind: 'again' };
  return rejected(error.message);
}

/** 403 is said for missing rights, a namespace on its way out, quotas and admission alike. */
function forbidden(message: string): CreationError {
  if (/exceeded quota|failed quota/.test(message)) {
    const sentence = 'The cluster has no room left for graders';
    return { kind: 'quota', failure: failure('quota_exceeded', { sentence, because: message }) };
  }
  if (/cannot \w+ resource|is being terminated/.test(message)) return { kind: 'outage' };
  return admissionRefused(message);
}

function admissionRefused(message: string): CreationError {
  const sentence = "The cluster's rules do not allow the grader";
  return { kind: 'final', failure: failure('admission_refused', { sentence, because: message }) };
}

function rejected(message: string): CreationError {
  return { kind: 'final', failure: failure('job_rejected', { because: message }) };
}
