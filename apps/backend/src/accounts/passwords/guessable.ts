import { ProblemError } from '@cloudemy/service';

/** Of zxcvbn's scale from 0 to 4: below it, fewer than a million guesses find the password. */
const lowestScore = 2;

/**
 * Whether it is guessed first: a common password, a row of the keyboard, a repeat, the person's own address. NIST SP 800-63B
 * (section 3.1.1.2) asks for such a list. Its dictionary is loaded when the first password is set, as few processes set any.
 *
 * @param about words of the person, such as the e-mail address
 */
export async function isGuessable(password: string, about: readonly string[]): Promise<boolean> {
  const { ZxcvbnFactory } = await import('@zxcvbn-ts/core');
  const { dictionary, adjacencyGraphs: graphs } = await import('@zxcvbn-ts/language-common');
  return new ZxcvbnFactory({ dictionary, graphs }).check(password, [...about]).score < lowestScore;
}

/**
 * Refuses a password of a request that is guessed first.
 *
 * @param path the field of the body that holds it
 * @throws ProblemError `invalid_request`
 */
export async function refuseGuessable(
  password: string,
  path: string,
  about: readonly string[],
): Promise<void> {
  if (!(await isGuessable(password, about))) return;
  throw new ProblemError('invalid_request', {
    detail:
      'This password is among the first that somebody would try. Take several words that are not about you.',
    errors: [{ in: 'body', path, reason: 'is one of the passwords that are guessed first' }],
  });
}
