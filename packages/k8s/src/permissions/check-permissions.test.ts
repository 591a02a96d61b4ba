import { afterEach, describe, expect, it } from '@jest/globals';
import { json, type ScriptedServer, startScriptedServer } from '../testing/scripted-server.js';
import { checkPermissions, describeRequirement } from './check-permissions.js';

describe('checkPermissions', () => {
  let server: ScriptedServer | undefined;

  afterEach(async () => {
    await server?.close();
  });

  it('asks for each and names what is missing', async () => {
    server = await startScriptedServer(({ body }, response) => {
      const review = JSON.parse(body);
      const allowed = review.spec.resourceAttributes.resource === 'jobs';
      json(response, 201, {
        ...review,
        status: allowed ? { allowed } : { allowed, reason: 'no role binds you' },
      });
    });
    const permissions = await checkPermissions(server.cluster.api, [
      { verb: 'create', group: 'batch', resource: 'jobs', namespace: 'grading' },
      { verb: 'create', group: '', resource: 'pods/exec' },
    ]);
    expect(permissions).toMatchObject([
      { allowed: true, sentence: 'create jobs.batch in namespace grading' },
      { allowed: false, sentence: 'create pods/exec in all namespaces', reason: 'no role binds you' },
    ]);
    const attributes = server.seen.map(({ body }) => JSON.parse(body).spec.resourceAttributes);
    expect(attributes).toContainEqual({ verb: 'create', group: '', resource: 'pods', subresource: 'exec' });
  });

  it('names subresources of a group as RBAC does', () => {
    expect(
      describeRequirement({ verb: 'patch', group: 'apps', resource: 'deployments/scale', namespace: 'n' }),
    ).toBe('patch deployments.apps/scale in namespace n');
  });
});
