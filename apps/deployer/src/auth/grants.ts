import type { Actor } from '@cloudemy/auth';
import { Role } from '@cloudemy/contracts';
import { type Policy, matches } from '@cloudemy/k8s';
import { ProblemError } from '@cloudemy/service';
import { z } from 'zod';

const words = z.array(z.string().min(1)).min(1);

/** What some users may use: those who have one of the roles, or are named. */
export const Grant = z
  .strictObject({
    roles: z.array(Role).default([]),
    users: z.array(z.string().min(1)).default([]),
    namespaces: words.default(['*']),
    kinds: words.default(['*']),
  })
  .refine(({ roles, users }) => roles.length + users.length > 0, 'must name roles or users');
export type Grant = z.output<typeof Grant>;

/**
 * Namespaces and kinds by user, within those of the service. Without any grant everybody who may deploy may use
 * all of them. As soon as there is one, whoever none is for may use nothing, except administrators, who may use all.
 */
export class Grants {
  /** What the service as a whole may deploy, and where. */
  readonly policy: Policy;
  private readonly grants: readonly Grant[];

  constructor(policy: Policy, grants: readonly Grant[]) {
    this.policy = policy;
    this.grants = grants;
  }

  /**
   * @throws ProblemError `namespace_not_served` for a namespace that this service does not work in, whatever else
   *   its account could reach, or that is not for this user
   */
  assertNamespace(actor: Actor, namespace: string): void {
    const { namespaces } = this.policy;
    if (!namespaces.includes(namespace)) {
      throw new ProblemError('namespace_not_served', {
        detail: `This service does not work in the namespace ${namespace}. Use one of: ${namespaces.join(', ')}. An operator can add others with DEPLOYER_NAMESPACES.`,
      });
    }
    const own = namespaces.filter((name) => this.#of(actor).some((grant) => matches(grant.namespaces, name)));
    if (own.includes(namespace)) return;
    throw new ProblemError('namespace_not_served', {
      detail: `You may not use the namespace ${namespace}; you may use: ${own.join(', ') || 'none'}. An operator can change that with DEPLOYER_GRANTS.`,
    });
  }

  /** What this user may deploy to a namespace. */
  policyFor(actor: Actor, namespace: string): Policy {
    const grants = this.#of(actor).filter((grant) => matches(grant.namespaces, namespace));
    const isGranted = (kind: string) => grants.some((grant) => matches(grant.kinds, kind));
    return { ...this.policy, kinds: this.policy.kinds.filter(isGranted) };
  }

  #of({ userId, roles }: Actor): readonly Pick<Grant, 'namespaces' | 'kinds'>[] {
    if (this.grants.length === 0 || roles.includes('admin')) return [everything];
    return this.grants.filter(
      (grant) => grant.users.includes(userId) || grant.roles.some((role) => roles.includes(role)),
    );
  }
}

const everything = { namespaces: ['*'], kinds: ['*'] };
