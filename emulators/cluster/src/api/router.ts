import type { KindInfo } from '../schema/kinds.js';
import { ApiError } from '../store/api-error.js';
import { attributesOf, authorize } from './auth/authorize.js';
import type { Rbac } from './auth/rbac.js';
import { kindAt, servesGroup, virtualKinds } from './discovery.js';
import type { Exchange } from './exchange.js';
import { handleNonResource, sendNotFoundPage } from './non-resource.js';
import type { ResourceTarget } from './request-info.js';
import type { ResourceHandler } from './resource-handler.js';
import { methodNotAllowed } from './resource-handler.js';

/** A subresource or a review with rules of its own. */
export type SpecialHandler = (exchange: Exchange, target: ResourceTarget, info?: KindInfo) => Promise<void>;

/** Handlers by `pods/log` or the plural of a review. */
export type SpecialHandlers = Readonly<Record<string, SpecialHandler>>;

export const noSuchResource = (): ApiError =>
  new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});

/** Finds who answers a request, after checking that the user may ask. */
export class Router {
  private readonly rbac: Rbac;
  private readonly resources: ResourceHandler;
  private readonly special: SpecialHandlers;

  constructor(rbac: Rbac, resources: ResourceHandler, special: SpecialHandlers) {
    this.rbac = rbac;
    this.resources = resources;
    this.special = special;
  }

  async route(exchange: Exchange): Promise<void> {
    const { info, user } = exchange;
    authorize(this.rbac, user, attributesOf(info));
    const { target } = info;
    if (target === undefined) {
      handleNonResource(exchange);
      return;
    }
    if (info.method === 'HEAD' || info.method === 'OPTIONS') {
      throw methodNotAllowed();
    }
    const kind = kindAt(target.group, target.version, target.resource);
    if (kind !== undefined) {
      await this.#stored(exchange, target, kind);
      return;
    }
    const review = virtualKinds.find(
      ({ plural, group }) => plural === target.resource && group === target.group,
    );
    const handler = review === undefined ? undefined : this.special[review.plural];
    if (handler !== undefined) {
      await handler(exchange, target);
      return;
    }
    if (target.group !== '' && !servesGroup(target.group)) {
      sendNotFoundPage(exchange);
      return;
    }
    throw noSuchResource();
  }

  async #stored(exchange: Exchange, target: ResourceTarget, kind: KindInfo): Promise<void> {
    const { subresource, name } = target;
    const misplaced = kind.namespaced
      ? target.namespace === undefined && name !== undefined
      : target.namespace !== undefined;
    if (misplaced || name === '' || (subresource?.startsWith('/') ?? false)) {
      throw noSuchResource();
    }
    if (subresource === undefined || (subresource === 'status' && kind.status)) {
      await this.resources.handle(exchange, kind, target);
      return;
    }
    const handler = this.special[`${kind.plural}/${subresource}`];
    if (handler === undefined) {
      throw noSuchResource();
    }
    await handler(exchange, target, kind);
  }
}
