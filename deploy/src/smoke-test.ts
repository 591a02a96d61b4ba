import type { ClusterObjects } from './cluster/cluster-objects.js';
import { runScript } from './in-cluster/run-script.js';

/** A first pull of the runner's image, an answer of a slow model, a terminal. */
const deadlineSeconds = 300;

/**
 * Opens a page, grades a submission and opens a terminal, all through the frontend and from inside the cluster, and
 * passes on what the test says.
 *
 * @param image the backend's
 * @throws ScriptFailed
 */
export async function runSmokeTest(
  objects: ClusterObjects,
  image: string,
  onLine: (line: string) => void,
): Promise<void> {
  const env = {
    FRONTEND_URL: 'http://frontend-service:3000',
    BENCHMARK_NAMESPACE: 'cloudemy-benchmarks',
    BENCHMARK_IMAGE: image,
  };
  const script = { name: 'smoke-test', file: 'smoke-test', deadlineSeconds, env } as const;
  await runScript(objects, script, image, (line) => onLine(line));
}
