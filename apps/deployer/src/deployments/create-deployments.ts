import { Discovery } from '@cloudemy/k8s';
import type { Base } from '../base.js';
import { allowanceOf } from '../config.js';
import { Allowance } from './allowance.js';
import { Deployer } from './deploy.js';
import { Deployments } from './deployments.js';
import { Remover } from './remove.js';
import { YamlReader } from './yaml-reader.js';

/** Deploying YAML, seeing what happened to it, and deleting it. */
export function createDeployments({ config, api, store, grants, deployments, log }: Base) {
  const yaml = new YamlReader({ maxBytes: config.MAX_YAML_BYTES, maxDocuments: config.MAX_DOCUMENTS });
  const allowance = new Allowance(store, allowanceOf(config));
  const discovery = new Discovery(api);
  return {
    deployer: new Deployer({ api, discovery, store, grants, yaml, allowance, log }),
    remover: new Remover({ api, store, yaml, log }),
    deployments: new Deployments({ model: deployments, store, api }),
  };
}
