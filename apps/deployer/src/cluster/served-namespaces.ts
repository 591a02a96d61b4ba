import { ProblemError } from '@cloudemy/service';

/** The namespaces this service works in, whatever else its account could reach. */
export class ServedNamespaces {
  constructor(readonly names: readonly string[]) {}

  /** @throws ProblemError `namespace_not_served` */
  assertServed(namespace: string): void {
    if (this.names.includes(namespace)) return;
    throw new ProblemError('namespace_not_served', {
      detail: `This service does not work in the namespace ${namespace}. Use one of: ${this.names.join(', ')}. An operator can add others with DEPLOYER_NAMESPACES.`,
    });
  }
}
