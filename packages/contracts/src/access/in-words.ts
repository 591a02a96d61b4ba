import { Role } from '../users.js';
import type { AccessRule, AccessScope } from './rule.js';

/** A rule in one line: who may, on whose, and with which API key. */
export function accessInWords(rule: AccessRule): string {
  if (rule.who !== 'users') return notUsers[rule.who];
  const roles = Role.options.filter((role) => rule.may[role] !== undefined);
  const key = rule.key === 'none' ? 'no API key' : `API key: ${rule.key}`;
  return `${roles.map((role) => `${role} (${scopeText(rule.may[role])})`).join(', ')}; ${key}`;
}

export const notUsers = {
  anyone: 'anyone',
  service: 'services, by INTERNAL_SERVICE_TOKEN',
  'result-token': 'the runner of that attempt, by X-Result-Token',
} as const;

const scopeTexts: Record<AccessScope, string> = {
  own: 'own',
  assignment: "own assignments'",
  member: 'courses they are in',
  staff: 'courses they help in',
  teacher: 'courses they teach',
  any: 'any',
};

export const scopeText = (all: readonly AccessScope[] = []): string =>
  all.map((one) => scopeTexts[one]).join(', ');
