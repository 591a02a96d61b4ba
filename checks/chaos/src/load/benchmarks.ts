import { setTimeout as wait } from 'node:timers/promises';
import { type Client, ProblemAnswer, createClient, deployerApi } from '@cloudemy/contracts';
import type { World } from '../parts/world.js';
import { briefly, lookIn } from './readers.js';

const requestTimeoutMs = 20_000;
const everyMs = 400;
/** A benchmark is deployed, read and deleted, so many times over, side by side. */
const atOnce = 2;
const giveUpMs = 120_000;

export const deployerOf = ({ links }: World): Client<typeof deployerApi> =>
  createClient(deployerApi, { baseUrl: urlOf(links), timeoutMs: requestTimeoutMs });

const urlOf = (links: World['links']): string => `http://127.0.0.1:${links.deployer.port}`;

/**
 * Deploys small Jobs, follows their logs and opens terminals in them for moments, and deletes them, until told to end.
 *
 * @returns what could not be deleted, in words
 */
export async function benchmarks(world: World, ended: AbortSignal): Promise<string[]> {
  if (!world.parts.has('deployer')) return [];
  const left: string[] = [];
  const one = async (lane: number): Promise<void> => {
    for (let index = 0; !ended.aborted; index += 1) {
      const error = await benchmark(world, `chaos-${lane}-${index}`);
      if (error !== undefined) left.push(error);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, (_, lane) => one(lane)));
  return left;
}

async function benchmark(world: World, job: string): Promise<string | undefined> {
  const deployer = deployerOf(world);
  const { namespace, links } = world;
  const body = { namespace, yaml_content: jobYaml(job) };
  await deployer.deploy({ body: { ...body, dry_run: false, force: false } }).catch(() => {});
  await Promise.all([
    lookIn(`${urlOf(links)}/jobs/${job}/logs?namespace=${namespace}&follow=true`),
    lookIn(`${urlOf(links)}/jobs/${job}/logs?namespace=${namespace}&follow=true`),
    terminal(deployer, job, namespace),
  ]);
  const until = performance.now() + giveUpMs;
  for (;;) {
    try {
      await deployer.deleteByYaml({ body });
      return undefined;
    } catch (error) {
      if (error instanceof ProblemAnswer && error.status === 404) return undefined;
      if (performance.now() > until) return `deployment of ${job}: ${String(error)}`;
      await wait(everyMs);
    }
  }
}

/** A session that is opened, looked at for a moment, and ended, unless its client has gone. */
async function terminal(deployer: Client<typeof deployerApi>, job: string, namespace: string): Promise<void> {
  try {
    const session = await deployer.createTerminal({ body: { job_name: job, namespace } });
    const socket = new WebSocket(session.websocket_url);
    socket.addEventListener('open', () => socket.send(JSON.stringify({ type: 'input', data: 'ls\n' })));
    socket.addEventListener('error', () => {});
    await briefly();
    socket.close();
    await deployer.endTerminal({ params: { session_id: session.session_id } });
  } catch {
    // Its pod is not there yet, or something is away: the gauges tell what stays open.
  }
}

const jobYaml = (name: string): string => `apiVersion: batch/v1
kind: Job
metadata:
  name: ${name}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: main
          image: busybox
          command: [sh, -c, 'i=0; while [ $i -lt 600 ]; do echo $i; i=$((i+1)); sleep 0.2; done']
`;
