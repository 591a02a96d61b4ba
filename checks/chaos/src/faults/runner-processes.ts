import { readFile, readdir } from 'node:fs/promises';
import type { World } from '../parts/world.js';

/**
 * Ends or holds the process of a runner pod without telling the cluster.
 *
 * @param pick from 0 up to 1: which
 * @returns what mends it; undefined when there is none
 */
export async function disturbRunner(
  world: World,
  action: 'kill' | 'pause',
  pick: number,
): Promise<(() => void) | undefined> {
  const pids = await runnerPids(world);
  const pid = pids[Math.floor(pick * pids.length)];
  if (pid === undefined || !signal(pid, action === 'kill' ? 'SIGKILL' : 'SIGSTOP')) return undefined;
  return () => {
    if (action === 'pause') signal(pid, 'SIGCONT');
  };
}

/**
 * The processes of the runner pods of this run, which know its backend by its address. Nowhere but on Linux,
 * which shows the environment of processes.
 */
export async function runnerPids({ wiring }: Pick<World, 'wiring'>): Promise<number[]> {
  const ours = `BACKEND_INTERNAL_URL=${wiring.backendUrl}/internal`;
  const entries = await readdir('/proc').catch(() => []);
  const pids = entries.filter((name) => /^\d+$/.test(name)).map(Number);
  const known = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      const variables = environment.split('\0');
      return variables.includes(ours) && variables.some((one) => one.startsWith('INTERNAL_RESULT_TOKEN='));
    }),
  );
  return pids.filter((_, index) => known[index] === true);
}

/** Whether the process was there to get it. */
function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}
