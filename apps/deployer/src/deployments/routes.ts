import type { deploymentsApi } from '@cloudemy/contracts';
import type { Handlers } from '@cloudemy/service';
import { localOperator } from '../auth/actor.js';
import type { ServedNamespaces } from '../cluster/served-namespaces.js';
import type { Deployer } from './deploy.js';
import type { Deployments } from './deployments.js';
import type { Remover } from './remove.js';

export interface DeploymentParts {
  namespaces: ServedNamespaces;
  deployer: Deployer;
  remover: Remover;
  deployments: Deployments;
}

export function deploymentHandlers(parts: DeploymentParts): Handlers<typeof deploymentsApi> {
  const { namespaces, deployer, remover, deployments } = parts;
  return {
    deploy: async ({ body, signal }) => {
      namespaces.assertServed(body.namespace);
      const { isNew, answer } = await deployer.deploy(body, localOperator, signal);
      return isNew
        ? {
            status: 201,
            body: answer,
            headers: { Location: `/deployments/${answer.deployment_id ?? ''}` },
          }
        : { status: 200, body: answer };
    },
    deleteByYaml: async ({ body }) => {
      namespaces.assertServed(body.namespace);
      return { status: 200, body: await remover.byYaml(body) };
    },
    listDeployments: async ({ query }) => ({ status: 200, body: await deployments.list(query) }),
    getDeployment: async ({ params }) => ({
      status: 200,
      body: await deployments.get(params.deployment_id),
    }),
    deleteDeployment: async ({ params, query }) => ({
      status: 200,
      body: await remover.byId(params.deployment_id, query),
    }),
  };
}
