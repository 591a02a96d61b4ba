import { ProblemError } from '@cloudemy/service';

/** Why there are no accounts with passwords here. */
export function accountsElsewhere(issuer: string | undefined): ProblemError {
  return new ProblemError('accounts_elsewhere', {
    detail:
      issuer === undefined
        ? 'Authentication is off: everyone who reaches this is its administrator, and nobody has to sign in.'
        : `Sign in at ${issuer} and send its access token.`,
  });
}
