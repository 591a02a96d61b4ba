import { newId } from '@cloudemy/mongo';
import type { StoredRecord } from './model.js';

/** What happened; what is left out does not apply. */
export type Happening = Pick<StoredRecord, 'event'> &
  Partial<Omit<StoredRecord, '_id' | 'at' | 'expires_at'>>;

const dayMs = 86_400_000;
/** Characters of a text, and objects, that a record holds. */
const maxText = 300;
const maxObjects = 100;

/** The record of something that happened: bounded, whoever chose its texts. */
export function entryOf(happening: Happening, retentionDays: number): StoredRecord {
  const { id, createdAt } = newId();
  const { objects = [], ...rest } = happening;
  const left = objects.length - maxObjects;
  return {
    ...nothing,
    ...rest,
    ...Object.fromEntries(
      Object.entries(rest).map(([name, value]) => [name, typeof value === 'string' ? cut(value) : value]),
    ),
    objects: [
      ...objects.slice(0, left > 0 ? maxObjects - 1 : maxObjects).map(cut),
      ...(left > 0 ? [`… and ${left + 1} more`] : []),
    ],
    _id: id,
    at: createdAt,
    expires_at: new Date(createdAt.getTime() + retentionDays * dayMs),
  };
}

const cut = (text: string): string => (text.length > maxText ? `${text.slice(0, maxText - 1)}…` : text);

const nothing = {
  outcome: 'succeeded',
  count: 1,
  user_id: null,
  address: null,
  request_id: null,
  object_kind: null,
  object_id: null,
  detail: null,
  namespace: null,
  deployment_id: null,
  job_name: null,
  pod_name: null,
  container_name: null,
  shell: null,
  session_id: null,
  reason: null,
  exit_code: null,
  bytes_in: null,
  bytes_out: null,
} as const;
