import type { AuditQuery, AuditRecord, auditApi } from '@cloudemy/contracts';
import { cutPage, decodeCursor, firstIdAt } from '@cloudemy/mongo';
import type { Handlers } from '@cloudemy/service';
import type { AuditModel, StoredRecord } from './model.js';

const listName = 'audit';

/** `/audit`: newest first. */
export function auditHandlers(model: AuditModel): Handlers<typeof auditApi> {
  return {
    listAudit: async ({ query: { limit, cursor, ...filters } }) => {
      const after = decodeCursor(listName, filters, cursor);
      const rows = await model
        .find(conditions(filters, after))
        .sort({ _id: -1 })
        .limit(limit + 1)
        .lean<StoredRecord[]>();
      return { status: 200, body: cutPage(rows, limit, listName, filters, viewRecord) };
    },
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

const viewRecord = ({ _id, at, ...record }: StoredRecord): AuditRecord => ({
  ...record,
  audit_id: String(_id),
  at: at.toISOString(),
});
