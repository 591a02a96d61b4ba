import { expect, test } from '@jest/globals';
import { backendApi } from '../apis/backend.js';
import { deployerApi } from '../apis/deployer.js';
import type { Api } from '../http/route.js';
import { type AuditTable, backendAudit, deployerAudit } from './rules.js';

const services: [string, Api, AuditTable][] = [
  ['backend', backendApi, backendAudit],
  ['deployer', deployerApi, deployerAudit],
];

test.each(services)(
  'of the %s every route that changes something is audited, or exempt for a reason',
  (_, api, rules) => {
    const changing = Object.entries(api).filter(([, { method }]) => method !== 'get');
    expect(Object.keys(rules).toSorted()).toEqual(changing.map(([operation]) => operation).toSorted());
    const reasons = Object.values(rules).flatMap((rule) => ('exempt' in rule ? [rule.exempt] : []));
    expect(reasons.filter((reason) => reason.trim() === '')).toEqual([]);
  },
);
