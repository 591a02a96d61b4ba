import { getCACertificates, setDefaultCACertificates } from 'node:tls';

/** Trusts further authorities for every connection to come. */
export function trustAlso(pem: string): void {
  setDefaultCACertificates([...getCACertificates('default'), pem]);
}
