import type { FieldError, ObjectReport, Problem } from '@cloudemy/contracts';

/** No answer to a bad request is larger, whatever was wrong with it. */
export const maxProblemBytes = 64 * 1_024;

const mostChars = { detail: 4_000, path: 400, reason: 1_000 };
/** What is kept for everything but `errors` and `objects`. */
const headBytes = 32 * 1_024;

/** A problem as JSON of at most `maxProblemBytes`: long texts are cut, entries that do not fit are counted. */
export function problemText(problem: Problem): string {
  const { errors, objects, ...rest } = problem;
  const head = { ...rest, detail: cut(problem.detail, mostChars.detail) };
  let left = maxProblemBytes - headBytes;
  /** As many of the entries as there is room for, which they use up. */
  const fitting = <T>(entries: readonly T[], shorten: (entry: T) => T): T[] => {
    const kept: T[] = [];
    for (const long of entries) {
      const entry = shorten(long);
      left -= Buffer.byteLength(JSON.stringify(entry)) + 1;
      if (left < 0) break;
      kept.push(entry);
    }
    return kept;
  };
  const keptErrors = errors === undefined ? undefined : fitting(errors, shortError);
  const keptObjects = objects === undefined ? undefined : fitting(objects, shortObject);
  const omitted = (errors?.length ?? 0) - (keptErrors?.length ?? 0) + (problem.errors_omitted ?? 0);
  return JSON.stringify({
    ...head,
    ...(keptErrors === undefined ? {} : { errors: keptErrors }),
    ...(omitted === 0 ? {} : { errors_omitted: omitted }),
    ...(keptObjects === undefined ? {} : { objects: keptObjects }),
    ...(keptObjects?.length === objects?.length
      ? {}
      : { objects_omitted: (objects?.length ?? 0) - (keptObjects?.length ?? 0) }),
  });
}

function shortError(error: FieldError): FieldError {
  return { ...error, path: cut(error.path, mostChars.path), reason: cut(error.reason, mostChars.reason) };
}

function shortObject({ message, warnings, ...object }: ObjectReport): ObjectReport {
  return {
    ...object,
    message: message === null ? null : cut(message, mostChars.reason),
    warnings: warnings.slice(0, 5).map((warning) => cut(warning, mostChars.reason)),
  };
}

const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most).toWellFormed()}…`;
