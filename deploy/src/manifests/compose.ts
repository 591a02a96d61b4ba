import type { UnknownObject } from '@cloudemy/k8s';
import { type ImageChoice, chooseImages } from './images.js';
import { withInternalPort } from './internal-port.js';
import { inOrder } from './order.js';
import { type OptionalPart, addPart, readOptionalPart } from './optional.js';
import { renderOverlay } from './render.js';
import { type StorageChoice, chooseStorage } from './storage.js';
import { type Surroundings, fitSurroundings } from './surroundings.js';

export interface ManifestChoice {
  overlay: string;
  parts: readonly OptionalPart[];
  images: ImageChoice;
  storage: StorageChoice;
  surroundings: Surroundings;
  internalPort: number | undefined;
  /** A server that speaks OpenAI's API and its model, when it is not OpenAI's own. */
  llm: { baseUrl: string | undefined; model: string | undefined };
}

/** Everything that is applied but for Secrets, in the order to apply it in. */
export async function composeManifests(choice: ManifestChoice): Promise<UnknownObject[]> {
  let objects = await renderOverlay(choice.overlay);
  for (const part of choice.parts) objects = addPart(objects, await readOptionalPart(part));
  const endpoint = llmEndpoint(choice.llm);
  if (endpoint !== undefined) objects = addPart(objects, [endpoint]);
  const chosen = chooseStorage(chooseImages(objects, choice.images), choice.storage);
  return inOrder(withInternalPort(fitSurroundings(chosen, choice.surroundings), choice.internalPort));
}

/** What the scheduler reads besides its own settings. */
function llmEndpoint({ baseUrl, model }: ManifestChoice['llm']): UnknownObject | undefined {
  if (baseUrl === undefined && model === undefined) return undefined;
  const data = {
    ...(baseUrl === undefined ? {} : { LLM_BASE_URL: baseUrl }),
    ...(model === undefined ? {} : { LLM_MODEL: model }),
  };
  const labels = { 'app.kubernetes.io/part-of': 'cloudemy' };
  const metadata = { name: 'llm-endpoint', namespace: 'cloudemy', labels };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
}
