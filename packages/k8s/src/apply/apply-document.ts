import type { CallOptions, KubeApi, Written } from '../cluster/kube-api.js';
import { resourcePath } from '../cluster/resource-path.js';
import type { UnknownObject } from '../objects/types.js';
import type { ApiResource, Discovery } from './discovery.js';
import { ApplyError, toServerProblems } from './server-problem.js';

/** How the server records who set which field. */
export const FIELD_MANAGER = 'cloudemy-deployer';

export interface ApplyDocumentOptions extends CallOptions {
  namespace: string;
  /** Labels of ours that are added to the object's. */
  labels?: Readonly<Record<string, string>> | undefined;
  /** Ask the server what it would do, and change nothing. */
  dryRun?: boolean | undefined;
  /** Take over fields that another client manages. */
  force?: boolean | undefined;
}

export interface Applied extends Written<UnknownObject> {
  resource: ApiResource;
}

/**
 * Deploys one object by server-side apply: as it is, plus the namespace and our labels. An object with
 * `generateName` is created, a new one each time.
 * @throws {ApplyError} when the server does not take it, also for a kind it does not know
 */
export async function applyDocument(
  api: KubeApi,
  discovery: Discovery,
  document: UnknownObject,
  options: ApplyDocumentOptions,
): Promise<Applied> {
  try {
    const resource = await findResource(discovery, document, options);
    const { name } = document.metadata;
    const { namespace, signal, timeoutMs, dryRun, force } = options;
    const body = withOwnership(document, options);
    const write = {
      signal,
      timeoutMs,
      dryRun,
      fieldManager: FIELD_MANAGER,
      fieldValidation: 'Strict' as const,
    };
    const written =
      name === undefined || name === ''
        ? await api.create<UnknownObject>(resourcePath(resource, { namespace }), body, write)
        : await api.apply<UnknownObject>(resourcePath(resource, { namespace, name }), body, {
            ...write,
            force,
          });
    return { ...written, resource };
  } catch (error) {
    if (error instanceof ApplyError) throw error;
    throw new ApplyError(toServerProblems(error, document.kind), { cause: error });
  }
}

/**
 * Where objects of a document's kind live.
 * @throws {ApplyError} for a kind the cluster does not know, or one that belongs to no namespace
 */
export async function findResource(
  discovery: Discovery,
  document: UnknownObject,
  options: CallOptions = {},
): Promise<ApiResource> {
  const { apiVersion = '', kind = '' } = document;
  const resource = await discovery.find(apiVersion, kind, options);
  if (resource === undefined) {
    const message = `the cluster has no kind ${kind} in ${apiVersion}`;
    throw new ApplyError([
      { code: 'unknown_kind', path: 'kind', message, remedy: 'correct kind or apiVersion' },
    ]);
  }
  if (!resource.namespaced) {
    const message = `${kind} objects belong to the whole cluster, not to a namespace`;
    throw new ApplyError([{ code: 'not_namespaced', path: 'kind', message, remedy: 'ask an administrator' }]);
  }
  return resource;
}

function withOwnership(document: UnknownObject, { namespace, labels }: ApplyDocumentOptions): UnknownObject {
  const { metadata } = document;
  return {
    ...document,
    metadata: { ...metadata, namespace, ...(labels && { labels: { ...metadata.labels, ...labels } }) },
  };
}
