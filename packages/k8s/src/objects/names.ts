/**
 * Names as the API server accepts them: RFC 1123 labels and subdomains.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
 */

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_LIMIT = 63;
const SUBDOMAIN_LIMIT = 253;

/** A name that is no DNS name; the message says which and why. Never reached the cluster. */
export class InvalidNameError extends Error {
  override readonly name = 'InvalidNameError';
  readonly what: string;
  readonly value: string;

  constructor(what: string, value: string, rule: string) {
    super(`${what} ${JSON.stringify(value.slice(0, 300))} is not valid: ${rule}`);
    this.what = what;
    this.value = value;
  }
}

/** At most 63 of `a-z0-9-`, beginning and ending with a letter or digit: namespaces, containers, Job names. */
export function isDnsLabel(value: string): boolean {
  return value.length <= LABEL_LIMIT && LABEL.test(value);
}

/** DNS labels joined by dots, at most 253 characters: the names of most objects. */
export function isDnsSubdomain(value: string): boolean {
  return value.length <= SUBDOMAIN_LIMIT && value.split('.').every((label) => LABEL.test(label));
}

/**
 * Returns `value` unchanged when it is a DNS label.
 * @param what how the error calls it, e.g. `namespace`
 * @throws {InvalidNameError}
 */
export function assertDnsLabel(what: string, value: string): string {
  if (isDnsLabel(value)) return value;
  throw new InvalidNameError(
    what,
    value,
    'use at most 63 lower-case letters, digits and "-", beginning and ending with a letter or digit',
  );
}

/**
 * Returns `value` unchanged when it is a DNS subdomain.
 * @param what how the error calls it, e.g. `pod`
 * @throws {InvalidNameError}
 */
export function assertDnsSubdomain(what: string, value: string): string {
  if (isDnsSubdomain(value)) return value;
  throw new InvalidNameError(
    what,
    value,
    'use at most 253 lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit',
  );
}
