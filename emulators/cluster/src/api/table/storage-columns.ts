import { asArray, asString, at } from '../../json.js';
import type { KubeObject } from '../../objects.js';
import type { Column } from './column.js';
import { ageColumn, column, nameColumn } from './column.js';

const SHORT_MODES = new Map([
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
]);

function text(object: KubeObject, ...path: string[]): string {
  return asString(at(object, ...path)) ?? '';
}

function modes(value: unknown): string {
  return asArray(value)
    .map((mode) => SHORT_MODES.get(String(mode)) ?? String(mode))
    .join(',');
}

function phase(object: KubeObject): string {
  return object.metadata.deletionTimestamp === undefined ? text(object, 'status', 'phase') : 'Terminating';
}

const volumeMode = column('VolumeMode', (object) => text(object, 'spec', 'volumeMode') || '<unset>', true);
const attributes = column(
  'VolumeAttributesClass',
  (object) => text(object, 'spec', 'volumeAttributesClassName') || '<unset>',
);

export const claimColumns: readonly Column[] = [
  nameColumn,
  column('Status', phase),
  column('Volume', (claim) => text(claim, 'spec', 'volumeName')),
  column('Capacity', (claim) => text(claim, 'status', 'capacity', 'storage')),
  column('Access Modes', (claim) => modes(at(claim, 'status', 'accessModes'))),
  column('StorageClass', (claim) => text(claim, 'spec', 'storageClassName')),
  attributes,
  ageColumn,
  volumeMode,
];

function claimOf(volume: KubeObject): string {
  const name = text(volume, 'spec', 'claimRef', 'name');
  return name === '' ? '' : `${text(volume, 'spec', 'claimRef', 'namespace')}/${name}`;
}

export const volumeColumns: readonly Column[] = [
  nameColumn,
  column('Capacity', (volume) => text(volume, 'spec', 'capacity', 'storage')),
  column('Access Modes', (volume) => modes(at(volume, 'spec', 'accessModes'))),
  column('Reclaim Policy', (volume) => text(volume, 'spec', 'persistentVolumeReclaimPolicy')),
  column('Status', phase),
  column('Claim', claimOf),
  column('StorageClass', (volume) => text(volume, 'spec', 'storageClassName')),
  attributes,
  column('Reason', (volume) => text(volume, 'status', 'reason')),
  ageColumn,
  volumeMode,
];

export const classColumns: readonly Column[] = [
  {
    name: 'Name',
    cell: ({ metadata }) =>
      metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true'
        ? `${metadata.name} (default)`
        : metadata.name,
  },
  column('Provisioner', (storage) => text(storage, 'provisioner')),
  column('ReclaimPolicy', (storage) => text(storage, 'reclaimPolicy')),
  column('VolumeBindingMode', (storage) => text(storage, 'volumeBindingMode')),
  column('AllowVolumeExpansion', (storage) => storage['allowVolumeExpansion'] === true),
  ageColumn,
];
