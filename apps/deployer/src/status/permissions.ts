import { type KubeApi, type Permission, type Policy, checkPermissions } from '@cloudemy/k8s';
import type { Logger } from '@cloudemy/service';
import { requirementsOf } from './requirements.js';

/** What the service may and may not do in one namespace. */
export interface NamespacePermissions {
  namespace: string;
  held: string[];
  missing: string[];
}

/** Questions to the cluster at a time. */
const atOnce = 16;
/** Milliseconds for which an answer is good: rights change seldom, and asking takes a request for each. */
const keptMs = 60_000;

/** Knows what the cluster lets the service do. */
export class Permissions {
  #known: NamespacePermissions[] = [];
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<NamespacePermissions[]> | undefined;

  private readonly parts: { api: KubeApi; policy: Policy; log: Logger };

  constructor(parts: { api: KubeApi; policy: Policy; log: Logger }) {
    this.parts = parts;
  }

  /** @throws KubeApiError, KubeConnectionError when the cluster cannot be asked */
  async current(signal: AbortSignal): Promise<NamespacePermissions[]> {
    if (performance.now() - this.#askedAt < keptMs) return this.#known;
    this.#asking ??= this.#ask(signal).finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #ask(signal: AbortSignal): Promise<NamespacePermissions[]> {
    const { policy, log } = this.parts;
    const known: NamespacePermissions[] = [];
    for (const namespace of policy.namespaces) known.push(await this.#askAbout(namespace, signal));
    for (const { namespace, missing } of known) {
      if (missing.length === 0) continue;
      log.warn(
        { namespace, missing },
        'the cluster does not let the deployer do all it must: grant its account what is missing',
      );
    }
    this.#known = known;
    this.#askedAt = performance.now();
    return known;
  }

  async #askAbout(namespace: string, signal: AbortSignal): Promise<NamespacePermissions> {
    const { api, policy } = this.parts;
    const requirements = requirementsOf(policy, namespace);
    const answers: Permission[] = [];
    for (let from = 0; from < requirements.length; from += atOnce) {
      answers.push(...(await checkPermissions(api, requirements.slice(from, from + atOnce), { signal })));
    }
    const sentences = (allowed: boolean): string[] =>
      answers.filter((answer) => answer.allowed === allowed).map(({ sentence }) => sentence);
    return { namespace, held: sentences(true), missing: sentences(false) };
  }
}
