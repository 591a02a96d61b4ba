import type { KeeperHost } from './container-keeper.js';
import type { Container } from '../pod.js';
import { runHandler } from '../probes/handler.js';
import { timerDelay } from '../../timers.js';
import type { ContainerRun } from './container-run.js';

/**
 * Ends a running container: `preStop`, then SIGTERM, then SIGKILL when `grace` milliseconds are over. Resolves
 * when it has ended.
 *
 * @param failed told why `preStop` did
 */
export async function endRun(
  host: KeeperHost,
  container: Container,
  run: ContainerRun,
  grace: number,
  failed: (message: string) => void,
): Promise<void> {
  const deadline = new AbortController();
  const timer = setTimeout(() => {
    deadline.abort();
    run.process.kill();
  }, timerDelay(grace));
  const { preStop } = container.lifecycle ?? {};
  if (preStop !== undefined && grace > 0) {
    await Promise.race([
      runHandler(host.context, host.pod(), run, container, preStop, deadline.signal).catch((error: unknown) =>
        failed(`PreStopHook failed: ${String(error)}`),
      ),
      run.ended,
    ]);
  }
  run.process.signal('SIGTERM');
  await run.ended;
  clearTimeout(timer);
}
