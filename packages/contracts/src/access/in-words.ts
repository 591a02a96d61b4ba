import { Role } from '../users.js';
import type { AccessRule, Reach } from './rule.js';

/** A rule in one line: who may, on whose, and with which API key. */
export function accessInWords(rule: AccessRule): string {
  if (rule.who !== 'users') return notUsers[rule.who];
  const roles = Role.options.filter((role) => rule.may[role] !== undefined);
  const key = rule.key === 'none' ? 'no API key' : `API key: ${rule.key}`;
  return `${roles.map((role) => `${role} (${reachInWords(rule.may[role])})`).join(', ')}; ${key}`;
}

export const notUsers = {
  anyone: 'anyone',
  service: 'services, by INTERNAL_SERVICE_TOKEN',
  'result-token': 'the runner of that attempt, by X-Result-Token',
} as const;

const reaches: Record<Reach, string> = { own: 'own', assignment: "own assignments'", any: 'any' };

export const reachInWords = (all: readonly Reach[] = []): string => all.map((one) => reaches[one]).join(', ');
