import type { KubeObject } from '../../objects.js';
import type { KindInfo } from '../../schema/kinds.js';
import { resourceName } from '../../schema/kinds.js';
import type { Representation } from '../accept.js';
import type { ListMetadata } from '../encode.js';
import type { Exchange } from '../exchange.js';
import type { Page } from '../list.js';
import type { EncodeWatched } from '../watch.js';
import { columnsOf } from './columns.js';

const META = 'meta.k8s.io/v1';

function partial(object: KubeObject): object {
  return { kind: 'PartialObjectMetadata', apiVersion: META, metadata: object.metadata };
}

function rowObject(object: KubeObject, include: string | null): object | null {
  switch (include) {
    case 'None':
      return null;
    case 'Object':
      return object;
    default:
      return partial(object);
  }
}

function table(
  info: KindInfo,
  metadata: ListMetadata,
  objects: readonly KubeObject[],
  include: string | null,
): object {
  const columns = columnsOf(resourceName(info));
  return {
    kind: 'Table',
    apiVersion: META,
    metadata,
    columnDefinitions: columns.map(({ name, wide }) => ({
      name,
      type: 'string',
      format: name === 'Name' ? 'name' : '',
      description: '',
      priority: wide === true ? 1 : 0,
    })),
    rows: objects.map((object) => ({
      cells: columns.map((column) => column.cell(object)),
      object: rowObject(object, include),
    })),
  };
}

/** Sends one object as a Table or as metadata when that was asked for; false otherwise. */
export function sendAs(exchange: Exchange, code: number, info: KindInfo, object: KubeObject): boolean {
  const { as } = exchange.representation;
  if (as === 'Table') {
    const { resourceVersion } = object.metadata;
    const include = exchange.info.query.get('includeObject');
    exchange.send(code, table(info, { resourceVersion }, [object], include));
    return true;
  }
  if (as === 'PartialObjectMetadata') {
    exchange.send(code, partial(object));
    return true;
  }
  return false;
}

/** Sends a list as a Table or as metadata when that was asked for; false otherwise. */
export function sendListAs(exchange: Exchange, info: KindInfo, page: Page): boolean {
  const { as } = exchange.representation;
  if (as === 'Table') {
    exchange.send(200, table(info, page.metadata, page.items, exchange.info.query.get('includeObject')));
    return true;
  }
  if (as === 'PartialObjectMetadataList') {
    const items = page.items.map(partial);
    exchange.send(200, { kind: as, apiVersion: META, metadata: page.metadata, items });
    return true;
  }
  return false;
}

/** How the objects of a watch are written; undefined for whole objects. */
export function encodeWatchedAs(
  { as }: Representation,
  info: KindInfo,
  query: URLSearchParams,
): EncodeWatched | undefined {
  if (as === 'Table') {
    const include = query.get('includeObject');
    return (object) => {
      const { resourceVersion } = object.metadata;
      return JSON.stringify(table(info, { resourceVersion }, [object], include));
    };
  }
  if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') {
    return (object) => JSON.stringify(partial(object));
  }
  return undefined;
}
