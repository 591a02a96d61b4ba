import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { errorFromAnswer, KubeConnectionError } from '../cluster/errors.js';
import { type ServerProblem, toServerProblems } from './server-problem.js';

const FIXTURES = new URL('fixtures/', import.meta.url);

/** What a Kubernetes 1.36 server answered to a document it did not take. */
function problemsOf(name: string, kind?: string): ServerProblem[] {
  const { status, body } = JSON.parse(readFileSync(new URL(`${name}.json`, FIXTURES), 'utf8'));
  return toServerProblems(
    errorFromAnswer({ method: 'PATCH', path: '/x' }, status, JSON.stringify(body)),
    kind,
  );
}

const IMAGE = '.spec.template.spec.containers[name="main"].image';

const EXPECTED: Record<string, Partial<ServerProblem>[]> = {
  'boolean-annotation': [
    {
      code: 'wrong_type',
      path: '.metadata.annotations.false',
      message: 'must be text',
      remedy: 'put it in quotes: "true"',
    },
  ],
  'conflict-two-fields': [
    { code: 'conflict', path: IMAGE, message: `${IMAGE} is managed by alice` },
    { code: 'conflict', path: '.spec.template.spec.containers[name="main"].env[name="A"].value' },
  ],
  'conflict-with-update': [{ code: 'conflict', path: '.data.d', message: '.data.d is managed by carol' }],
  'duplicate-list-key': [
    { code: 'duplicate_field', path: '.spec.template.spec.containers[name="main"].env' },
  ],
  forbidden: [{ code: 'forbidden' }],
  'immutable-cluster-ip': [{ code: 'immutable', path: 'spec.clusterIPs[0]' }],
  'immutable-job-template': [
    {
      code: 'immutable',
      path: 'spec.template.spec',
      message: 'spec.template.spec cannot be changed once the object exists',
      remedy: 'delete the object first, or give it another name',
    },
  ],
  'immutable-selector': [
    { code: 'invalid', path: 'spec.template.metadata.labels' },
    { code: 'immutable', path: 'spec.selector' },
  ],
  'limit-range': [{ code: 'admission_refused' }],
  'managed-fields': [{ code: 'invalid', message: 'metadata.managedFields must be nil' }],
  'name-taken': [{ code: 'exists' }],
  'namespace-missing': [{ code: 'namespace_missing', message: 'there is no namespace rec-no-such' }],
  'namespace-terminating': [{ code: 'namespace_missing', message: 'the namespace is being deleted' }],
  'pod-security': [{ code: 'admission_refused' }],
  quota: [{ code: 'quota_exceeded' }],
  'stale-resource-version': [{ code: 'conflict', remedy: 'try again' }],
  'strict-unknown-fields': [
    { code: 'unknown_field', path: 'metadata.labelz' },
    { code: 'unknown_field', path: 'bogus' },
  ],
  'unknown-field': [{ code: 'unknown_field', path: '.spec.template.spec.bogus' }],
  'wrong-type': [
    {
      code: 'wrong_type',
      path: '.spec.replicas',
      message: 'must be a number',
      remedy: 'leave out the quotes',
    },
  ],
};

describe('toServerProblems', () => {
  it('has an expectation for every fixture', () => {
    const names = readdirSync(FIXTURES).map((file) => file.replace('.json', ''));
    expect(Object.keys(EXPECTED).sort()).toEqual(names.sort());
  });

  it.each(Object.entries(EXPECTED))('%s', (name, expected) => {
    const problems = problemsOf(name);
    expect(problems).toMatchObject(expected);
    expect(problems).toHaveLength(expected.length);
  });

  it("does not repeat a Secret's values", () => {
    expect(problemsOf('boolean-annotation', 'Secret')[0]?.remedy).toBe('put it in quotes');
    expect(JSON.stringify(problemsOf('pod-security', 'Secret'))).not.toContain('violates');
    expect(problemsOf('unknown-field', 'Secret')[0]?.path).toBe('.spec.template.spec.bogus');
  });

  it('reads several faults in one answer', () => {
    const message =
      'failed to create typed patch object (d/web; apps/v1, Kind=Deployment): errors:\n' +
      '  .spec.a: field not declared in schema\n  .spec.template.spec.containers[name="main"].b: field not declared in schema';
    const error = errorFromAnswer({ method: 'PATCH', path: '/x' }, 500, JSON.stringify({ message }));
    expect(toServerProblems(error).map(({ path }) => path)).toEqual([
      '.spec.a',
      '.spec.template.spec.containers[name="main"].b',
    ]);
  });

  it('names the field of a number where text belongs, also when the object is created', () => {
    const message =
      'Job in version "v1" cannot be handled as a Job: json: cannot unmarshal number into Go struct field EnvVar.spec.template.spec.containers.env.value of type string';
    const error = errorFromAnswer({ method: 'POST', path: '/x' }, 400, JSON.stringify({ message }));
    expect(toServerProblems(error)).toEqual([
      {
        code: 'wrong_type',
        path: 'spec.template.spec.containers.env.value',
        message: 'must be text',
        remedy: 'put it in quotes',
      },
    ]);
  });

  it('tells a server out of reach or overloaded, and throws on what is neither', () => {
    expect(toServerProblems(new KubeConnectionError('s', true, 'x'))[0]?.code).toBe('unreachable');
    expect(toServerProblems(errorFromAnswer({ method: 'PATCH', path: '/x' }, 429, ''))[0]?.code).toBe('busy');
    expect(() => toServerProblems(new TypeError('bug'))).toThrow('bug');
  });
});
