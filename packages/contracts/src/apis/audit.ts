import { AuditPage, AuditQuery, DeployerAuditQuery } from '../audit/record.js';
import { defineApi } from '../http/route.js';

/** Who did what, and who tried what they may not. */
export const auditApi = defineApi({
  listAudit: {
    method: 'get',
    path: '/audit',
    tag: 'Audit',
    summary:
      'List who signed in, changed accounts, assignments and grades, and what was refused, newest first',
    auth: 'user',
    query: AuditQuery,
    responses: { 200: { description: 'A page.', schema: AuditPage } },
  },
});

export const deployerAuditApi = defineApi({
  listAudit: {
    ...auditApi.listAudit,
    summary: 'List who deployed, deleted, read logs and opened terminals, and what was refused, newest first',
    query: DeployerAuditQuery,
  },
});
