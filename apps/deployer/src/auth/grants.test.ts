import { describe, expect, it, test } from '@jest/globals';
import type { Actor } from '@cloudemy/auth';
import { DEFAULT_POLICY } from '@cloudemy/k8s';
import { ConfigError, ProblemError } from '@cloudemy/service';
import { readConfig } from '../config.js';
import { Grants } from './grants.js';

const policy = {
  ...DEFAULT_POLICY,
  namespaces: ['bench-a', 'bench-b', 'shared'],
  kinds: ['Pod', 'Job.batch'],
};
const operator: Actor = { userId: 'ann', roles: ['runner-operator'] };
const instructor: Actor = { userId: 'bob', roles: ['instructor'] };
const admin: Actor = { userId: 'root', roles: ['admin'] };

const read = (grants: unknown) =>
  new Grants(policy, readConfig({ DEPLOYER_GRANTS: JSON.stringify(grants) }).DEPLOYER_GRANTS);

/** What somebody may use: namespaces, each with its kinds. */
function usedBy(grants: Grants, actor: Actor): Record<string, readonly string[]> {
  const open = policy.namespaces.filter((namespace) => {
    try {
      grants.assertNamespace(actor, namespace);
      return true;
    } catch (error) {
      expect(error).toBeInstanceOf(ProblemError);
      return false;
    }
  });
  return Object.fromEntries(open.map((name) => [name, grants.policyFor(actor, name).kinds]));
}

const all = ['Pod', 'Job.batch'];
const everything = { 'bench-a': all, 'bench-b': all, shared: all };

describe('grants', () => {
  it('leave everything to everybody when there are none', () => {
    for (const actor of [operator, admin]) expect(usedBy(read([]), actor)).toEqual(everything);
  });

  it('give what they name, to whom they name, and nothing to others but administrators', () => {
    const grants = read([
      { roles: ['runner-operator'], namespaces: ['bench-*'], kinds: ['*.batch'] },
      { users: ['ann'], namespaces: ['bench-b'], kinds: ['Pod'] },
    ]);
    expect(usedBy(grants, operator)).toEqual({ 'bench-a': ['Job.batch'], 'bench-b': all });
    expect(usedBy(grants, { ...operator, userId: 'eve' })).toEqual({
      'bench-a': ['Job.batch'],
      'bench-b': ['Job.batch'],
    });
    expect(usedBy(grants, instructor)).toEqual({});
    expect(usedBy(grants, admin)).toEqual(everything);
  });

  it('never reach beyond the service', () => {
    const grants = read([{ users: ['ann'], namespaces: ['*', 'kube-system'], kinds: ['*', 'Node'] }]);
    expect(usedBy(grants, operator)).toEqual(everything);
    expect(() => grants.assertNamespace(operator, 'kube-system')).toThrow(/does not work in the namespace/);
    expect(() => grants.assertNamespace(admin, 'kube-system')).toThrow(/does not work in the namespace/);
  });
});

test.each([
  ['no JSON', 'runner-operator'],
  ['no list', '{}'],
  ['for nobody', '[{"namespaces":["a"]}]'],
  ['an unknown role', '[{"roles":["boss"]}]'],
  ['an unknown field', '[{"users":["ann"],"verbs":["get"]}]'],
])('grants that are %s stop the start', (_what, text) => {
  expect(() => readConfig({ DEPLOYER_GRANTS: text })).toThrow(ConfigError);
  expect(() => readConfig({ DEPLOYER_GRANTS: text })).toThrow(/DEPLOYER_GRANTS/);
});
