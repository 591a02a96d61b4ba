/** An issuer's keys cannot be had at the moment: nothing can be said about its tokens, good or bad. */
export class IssuerUnavailable extends Error {
  override readonly name = 'IssuerUnavailable';
}
