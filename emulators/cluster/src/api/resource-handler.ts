import type { KubeObject } from '../objects.js';
import type { KindInfo } from '../schema/kinds.js';
import { resourceName } from '../schema/kinds.js';
import { ApiError } from '../store/api-error.js';
import type { Registry } from '../store/registry.js';
import { readBody } from './body.js';
import { mediaType } from './codec.js';
import { deleteRequest } from './delete-options.js';
import { encodeList, encodeObject } from './encode.js';
import type { Exchange } from './exchange.js';
import { list, reachVersion } from './list.js';
import { requestedVersion, selection } from './list-options.js';
import type { PatchType } from './patch/patch.js';
import { patchObject, patchTypes } from './patch/patch.js';
import type { ResourceTarget } from './request-info.js';
import { flag } from './request-info.js';
import { table, tableOf } from './table/present.js';
import type { Watches } from './watch.js';
import type { WriteOptions } from './write-options.js';
import { writeOptions } from './write-options.js';
import type { Place, Writer } from './write.js';

const ORPHAN_WARNING =
  'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning';

/** Server-side apply, kept apart from the other patches. */
export interface Applier {
  apply(
    place: Place,
    body: Buffer,
    options: WriteOptions,
    exchange: Exchange,
  ): { object: KubeObject; created: boolean };
}

export const methodNotAllowed = (): ApiError =>
  new ApiError(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    {},
  );

function isTable({ representation }: Exchange): boolean {
  return representation.as === 'Table';
}

function isPatchType(media: string): media is PatchType {
  return patchTypes.some((type) => type === media);
}

/** The verbs on stored resources. */
export class ResourceHandler {
  private readonly registry: Registry;
  private readonly writer: Writer;
  private readonly applier: Applier;
  private readonly watches: Watches;

  constructor(registry: Registry, writer: Writer, applier: Applier, watches: Watches) {
    this.registry = registry;
    this.writer = writer;
    this.applier = applier;
    this.watches = watches;
  }

  /** Answers one request about a resource or its status. */
  async handle(exchange: Exchange, info: KindInfo, target: ResourceTarget): Promise<void> {
    const { name, namespace, subresource } = target;
    if (name === undefined) {
      await this.#collection(exchange, info, namespace);
      return;
    }
    const place = { info, namespace, name, subresource };
    switch (exchange.info.method) {
      case 'GET':
        await reachVersion(this.registry, requestedVersion(exchange.info.query));
        this.#send(exchange, 200, info, this.registry.existing(resourceName(info), namespace, name));
        break;
      case 'PUT':
        await this.#put(exchange, place);
        break;
      case 'PATCH':
        await this.#patch(exchange, place);
        break;
      case 'DELETE':
        if (subresource !== undefined) {
          throw methodNotAllowed();
        }
        await this.#delete(exchange, place);
        break;
      default:
        throw methodNotAllowed();
    }
  }

  async #collection(exchange: Exchange, info: KindInfo, namespace: string | undefined): Promise<void> {
    const { method, query } = exchange.info;
    switch (method) {
      case 'GET':
        if (flag(query, 'watch')) {
          const include = query.get('includeObject');
          const encode = isTable(exchange)
            ? (object: KubeObject) => JSON.stringify(tableOf(info, object, include))
            : encodeObject;
          this.watches.open(exchange, info, namespace, encode);
        } else {
          await this.#list(exchange, info, namespace);
        }
        break;
      case 'POST':
        await this.#create(exchange, info, namespace);
        break;
      case 'DELETE':
        if (!info.deleteCollection || (info.namespaced && namespace === undefined)) {
          throw methodNotAllowed();
        }
        await this.#deleteCollection(exchange, info, namespace);
        break;
      default:
        throw methodNotAllowed();
    }
  }

  async #list(exchange: Exchange, info: KindInfo, namespace: string | undefined): Promise<void> {
    const page = await list(this.registry, info, namespace, exchange.info.query);
    if (isTable(exchange)) {
      const include = exchange.info.query.get('includeObject');
      exchange.send(200, table(info, page.metadata, page.items, include));
    } else {
      exchange.sendJson(200, encodeList(info, page.metadata, page.items));
    }
  }

  async #create(exchange: Exchange, info: KindInfo, namespace: string | undefined): Promise<void> {
    const { headers } = exchange.request;
    const body = await readBody(exchange.request);
    if (info.namespaced && namespace === undefined) {
      throw methodNotAllowed();
    }
    const options = writeOptions('CreateOptions', exchange.info.query, headers['user-agent']);
    exchange.dryRun = options.dryRun;
    const type = headers['content-type'];
    const created = this.writer.create(info, namespace, body, type, options, exchange);
    this.#send(exchange, 201, info, created);
  }

  async #put(exchange: Exchange, place: Place): Promise<void> {
    const { headers } = exchange.request;
    const body = await readBody(exchange.request);
    const options = writeOptions('UpdateOptions', exchange.info.query, headers['user-agent']);
    exchange.dryRun = options.dryRun;
    const stored = this.writer.replace(place, body, headers['content-type'], options, exchange);
    this.#send(exchange, 200, place.info, stored);
  }

  async #patch(exchange: Exchange, place: Place): Promise<void> {
    const { headers } = exchange.request;
    const body = await readBody(exchange.request);
    const media = mediaType(headers['content-type']);
    const options = writeOptions('PatchOptions', exchange.info.query, headers['user-agent']);
    exchange.dryRun = options.dryRun;
    if (media === 'application/apply-patch+yaml') {
      const { object, created } = this.applier.apply(place, body, options, exchange);
      this.#send(exchange, created ? 201 : 200, place.info, object);
      return;
    }
    if (!isPatchType(media)) {
      throw new ApiError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
    }
    const stored = patchObject(this.registry, this.writer, place, media, body, options, exchange);
    this.#send(exchange, 200, place.info, stored);
  }

  async #delete(exchange: Exchange, { info, namespace, name }: Place): Promise<void> {
    const body = await readBody(exchange.request);
    const type = exchange.request.headers['content-type'];
    const { options, dryRun } = deleteRequest(exchange.info.query, body, type);
    const resource = resourceName(info);
    if (options.propagationPolicy === undefined && info.defaultPropagation === 'Orphan') {
      exchange.warn(ORPHAN_WARNING);
    }
    const { object, gone } = this.registry.remove(resource, namespace, name, options, dryRun);
    if (!gone || resource === 'pods' || resource === 'services') {
      this.#send(exchange, 200, info, object);
      return;
    }
    exchange.send(200, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: {
        name,
        ...(info.group === '' ? {} : { group: info.group }),
        kind: info.plural,
        uid: object.metadata.uid,
      },
    });
  }

  async #deleteCollection(exchange: Exchange, info: KindInfo, namespace: string | undefined): Promise<void> {
    const body = await readBody(exchange.request);
    const { query } = exchange.info;
    const type = exchange.request.headers['content-type'];
    const { options, dryRun } = deleteRequest(query, body, type);
    const filter = selection(info, query);
    const resource = resourceName(info);
    const resourceVersion = String(this.registry.table.version);
    const all = this.registry.table.list(resource, namespace);
    const chosen = filter === undefined ? [...all] : all.filter(filter);
    for (const object of chosen) {
      // An earlier deletion of the same request may have taken it along.
      if (this.registry.get(resource, object.metadata.namespace, object.metadata.name) !== undefined) {
        this.registry.remove(resource, object.metadata.namespace, object.metadata.name, options, dryRun);
      }
    }
    exchange.sendJson(200, encodeList(info, { resourceVersion }, chosen));
  }

  #send(exchange: Exchange, code: number, info: KindInfo, object: KubeObject): void {
    if (isTable(exchange)) {
      exchange.send(code, tableOf(info, object, exchange.info.query.get('includeObject')));
    } else {
      exchange.sendJson(code, encodeObject(object));
    }
  }
}
