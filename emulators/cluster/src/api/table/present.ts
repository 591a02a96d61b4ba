import type { KubeObject } from '../../objects.js';
import type { KindInfo } from '../../schema/kinds.js';
import { resourceName } from '../../schema/kinds.js';
import type { ListMetadata } from '../encode.js';
import { columnsOf } from './columns.js';

/** Objects as a Table; `include` says how much of each object goes with its row. */
export function table(
  info: KindInfo,
  metadata: ListMetadata,
  objects: readonly KubeObject[],
  include: string | null,
): object {
  const columns = columnsOf(resourceName(info));
  const partial = ({ metadata: own }: KubeObject): object => ({
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: own,
  });
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: columns.map(({ name }) => ({
      name,
      type: 'string',
      format: name === 'Name' ? 'name' : '',
      description: '',
      priority: 0,
    })),
    rows: objects.map((object) => ({
      cells: columns.map((column) => column.cell(object)),
      object: include === 'None' ? null : include === 'Object' ? object : partial(object),
    })),
  };
}

/** The same of one object, by itself or in a watch. */
export function tableOf(info: KindInfo, object: KubeObject, include: string | null): object {
  return table(info, { resourceVersion: object.metadata.resourceVersion }, [object], include);
}
