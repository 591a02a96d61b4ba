import type { deploymentsApi } from '@cloudemy/contracts';
import type { Handlers } from '@cloudemy/service';
import type { AuditTrail } from '@cloudemy/auth';
import { callerOf } from '../auth/caller.js';
import type { Grants } from '../auth/grants.js';
import { audited } from './audited.js';
import type { Deployer } from './deploy.js';
import type { Deployments } from './deployments.js';
import type { Remover } from './remove.js';

export interface DeploymentParts {
  grants: Grants;
  deployer: Deployer;
  remover: Remover;
  deployments: Deployments;
  audit: AuditTrail;
}

export function deploymentHandlers(parts: DeploymentParts): Handlers<typeof deploymentsApi> {
  const { grants, deployer, remover, deployments, audit } = parts;
  return {
    deploy: async ({ req, res, body, signal }) => {
      const caller = callerOf(req, res);
      const deploy = async () => {
        const { isNew, answer } = await deployer.deploy(caller, body, signal);
        const deployed = answer.deployment_id === null ? [] : [answer.deployment_id];
        return { ...answer, isNew, deployments: deployed };
      };
      const { isNew, deployments: _, ...answer } = await audited(audit, 'deployed', caller, deploy);
      return isNew
        ? {
            status: 201,
            body: answer,
            headers: { Location: `/deployments/${answer.deployment_id ?? ''}` },
          }
        : { status: 200, body: answer };
    },
    deleteByYaml: async ({ req, res, body }) => {
      const caller = callerOf(req, res);
      grants.assertNamespace(caller.actor, body.namespace);
      const remove = () => remover.byYaml(caller, body);
      return { status: 200, body: await audited(audit, 'deleted', caller, remove) };
    },
    listDeployments: async ({ req, res, query }) => ({
      status: 200,
      body: await deployments.list(callerOf(req, res), query),
    }),
    getDeployment: async ({ req, res, params }) => ({
      status: 200,
      body: await deployments.get(callerOf(req, res), params.deployment_id),
    }),
    deleteDeployment: async ({ req, res, params, query }) => {
      const caller = callerOf(req, res);
      const remove = () => remover.byId(caller, params.deployment_id, query);
      return { status: 200, body: await audited(audit, 'deleted', caller, remove) };
    },
  };
}
