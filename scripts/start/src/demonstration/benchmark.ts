import { setTimeout as wait } from 'node:timers/promises';
import { LogEndEvent, LogEvent, LogWaitingEvent, createClient, deployerApi } from '@cloudemy/contracts';
import type { Screen } from '../screen.js';
import { streamedEvents } from './event-stream.js';
import { runInTerminal } from './terminal.js';

interface Benchmark {
  yaml: string;
  jobName: string;
  namespace: string;
}

export interface BenchmarkDemonstration {
  deployerUrl: string;
  benchmark: Benchmark;
  /** Headers that say who does it. */
  credentials: Record<string, string>;
  screen: Screen;
  stop: AbortSignal;
}

/** The last line the example writes before it waits for visitors. */
const lastLine = 'done';
const giveUpMs = 90_000;

/** Deploys a benchmark Job, follows its log, looks around in its pod, and deletes it again, as a client would. */
export async function demonstrateBenchmark(demonstration: BenchmarkDemonstration): Promise<void> {
  const { deployerUrl, credentials, screen, stop } = demonstration;
  const { yaml, jobName, namespace } = demonstration.benchmark;
  const client = createClient(deployerApi, { baseUrl: deployerUrl, headers: credentials });
  const signal = AbortSignal.any([stop, AbortSignal.timeout(giveUpMs)]);
  const body = { yaml_content: yaml, namespace };
  screen.heading(`Benchmark: ${jobName}`);
  const deployed = await client.deploy({ body }, { signal });
  screen.line(deployed.message);
  try {
    await followLog(demonstration, signal);
    const session = await client.createTerminal({ body: { job_name: jobName, namespace } }, { signal });
    screen.line(`terminal in ${session.pod_name} (${session.shell}): hostname && id -u`);
    const output = await runInTerminal(session.websocket_url, 'hostname && id -u', signal);
    for (const line of output) screen.line(`  ${line}`);
    await client.endTerminal({ params: { session_id: session.session_id } }, { signal });
  } finally {
    const gone = await client.deleteByYaml({ body: { ...body, wait: true } });
    screen.line(gone.message);
  }
}

async function followLog(
  { deployerUrl, benchmark: { jobName, namespace }, credentials, screen }: BenchmarkDemonstration,
  signal: AbortSignal,
): Promise<void> {
  const query = new URLSearchParams({ namespace, follow: 'true' }).toString();
  const reading = new AbortController();
  const answer = await fetch(`${deployerUrl}/jobs/${jobName}/logs?${query}`, {
    headers: credentials,
    signal: AbortSignal.any([signal, reading.signal]),
  });
  if (!answer.ok || answer.body === null) throw new Error(`the log answered ${answer.status}`);
  for await (const { event, data } of streamedEvents(answer.body)) {
    const parsed: unknown = JSON.parse(data);
    if (event === 'waiting') screen.line(`log    (waiting: ${LogWaitingEvent.parse(parsed).message})`);
    if (event === 'end') screen.line(`log    (${LogEndEvent.parse(parsed).message})`);
    if (event !== 'log') continue;
    const { lines } = LogEvent.parse(parsed);
    for (const line of lines) screen.line(`log    ${line}`);
    if (lines.includes(lastLine)) break;
  }
  reading.abort();
  // Lets the connection close before the next call takes one from the pool.
  await wait(0);
}
