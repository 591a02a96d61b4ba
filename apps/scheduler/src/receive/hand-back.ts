/** A message that cannot be worked on here and now, through no fault of its own: it goes back to where it was. */
export class HandBack extends Error {
  override readonly name = 'HandBack';
}
