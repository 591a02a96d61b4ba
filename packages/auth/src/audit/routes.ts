import type { AuditQuery, AuditRecord } from '@cloudemy/contracts';
import { cutPage, decodeCursor, firstIdAt } from '@cloudemy/mongo';
import type { AuditModel, AuditService, StoredRecord } from './model.js';

const listName = 'audit';

/** Reads the audit trail of a service, newest first. */
export async function listAudit(
  model: AuditModel,
  service: AuditService,
  { limit, cursor, ...filters }: AuditQuery,
) {
  const after = decodeCursor(listName, filters, cursor);
  const rows = await model
    .find(conditions(filters, after))
    .sort({ _id: -1 })
    .limit(limit + 1)
    .lean<StoredRecord[]>();
  return {
    status: 200 as const,
    body: cutPage(rows, limit, listName, filters, (row) => viewRecord(service, row)),
  };
}

function conditions(
  { since, until, ...exactly }: Omit<AuditQuery, 'limit' | 'cursor'>,
  after: StoredRecord['_id'] | undefined,
) {
  const given = Object.entries(exactly).filter(([, value]) => value !== undefined);
  // Ids begin with the second they were made in.
  const bounds = [
    ...(since === undefined ? [] : [{ _id: { $gte: firstIdAt(new Date(since)) } }]),
    ...(until === undefined ? [] : [{ _id: { $lt: firstIdAt(new Date(until)) } }]),
    ...(after === undefined ? [] : [{ _id: { $lt: after } }]),
  ];
  return { ...Object.fromEntries(given), ...(bounds.length === 0 ? {} : { $and: bounds }) };
}

/** Records of before there were outcomes and objects lack them. */
function viewRecord(service: AuditService, { _id, at, expires_at: _, ...row }: StoredRecord): AuditRecord {
  const { request_id = null, object_kind = null, object_id = null, detail = null } = row;
  return {
    ...row,
    request_id,
    object_kind,
    object_id,
    detail,
    outcome: row.outcome ?? 'succeeded',
    count: row.count ?? 1,
    service,
    audit_id: String(_id),
    at: at.toISOString(),
  };
}
