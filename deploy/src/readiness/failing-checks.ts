import { text } from 'node:stream/consumers';
import { type KubeApi, type Pod, openExec } from '@cloudemy/k8s';
import { z } from 'zod';

/** What a container is asked whether it is ready. */
const Probed = z.object({
  name: z.string(),
  ports: z.array(z.object({ name: z.string().optional(), containerPort: z.number() })).default([]),
  readinessProbe: z.object({
    httpGet: z.object({ path: z.string().default('/'), port: z.union([z.string(), z.number()]) }),
  }),
});

/** What the services answer (packages/service/src/health). */
const Answer = z.object({
  checks: z.array(
    z.object({
      name: z.string(),
      ok: z.boolean(),
      optional: z.boolean().optional(),
      detail: z.string().optional(),
    }),
  ),
});

/** Milliseconds for all of it. */
const limitMs = 15_000;

/** Asks as the probe does. Every image of Cloudemy has Node.js. */
const ask =
  'fetch(process.argv[1], {signal: AbortSignal.timeout(8000)}).then((answer) => answer.text()).then(console.log)';

/**
 * What a service itself says is missing, in words: the checks of its readiness probe that fail. A kubelet tells but the
 * status of the answer. Undefined when the container has no such probe or cannot be asked.
 */
export async function failingChecks(api: KubeApi, pod: Pod): Promise<string | undefined> {
  const { namespace = '', name = '' } = pod.metadata;
  const container = pod.spec.containers.flatMap((one) => Probed.safeParse(one).data ?? [])[0];
  const host = pod.status?.podIP;
  if (container === undefined || host === undefined) return undefined;
  const { path, port } = container.readinessProbe.httpGet;
  const number = container.ports.find((one) => one.name === port)?.containerPort ?? port;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${number}${path}`;
  try {
    const command = ['node', '-e', ask, url];
    const options = { namespace, pod: name, container: container.name, command, stdin: false };
    const exec = await openExec(api, options, AbortSignal.timeout(limitMs));
    exec.stderr.resume();
    return wordsOf(await text(exec));
  } catch {
    return undefined;
  }
}

/** The failing checks of an answer of `/readyz`; undefined when there are none. */
export function wordsOf(body: string): string | undefined {
  const { data } = Answer.safeParse(parsed(body));
  const failing = data?.checks.filter(({ ok, optional }) => !ok && optional !== true) ?? [];
  if (failing.length === 0) return undefined;
  return failing.map(({ name, detail }) => `${name}: ${detail ?? 'fails'}`).join('; ');
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
