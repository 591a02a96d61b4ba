import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RunnerRecord } from '@cloudemy/contracts';
import type { Bench, BenchContext } from './bench.js';
import { type Report, medianOf, rowOf } from './report/report.js';

const runner = fileURLToPath(new URL('../../apps/runner/dist/runner.js', import.meta.url));
const misconfigured = 78;
/** How many times an empty script's start the runner's own may take. */
const limit = 3;

const record = RunnerRecord.parse({
  submission_id: '66f0c0ffee00000000000001',
  attempt: 1,
  language: 'python',
  code: 'print(1)\n',
  assignment: {
    assignment_id: '66f0c0ffee00000000000002',
    version: 1,
    title: 'One',
    description: 'Print 1.',
    rubric: { criteria: [{ criterion_id: 'prints', title: 'Prints 1', points: 1 }] },
  },
  created_at: '2026-01-31T12:00:00.000Z',
});

/**
 * What every submission pays before its runner does anything: Node's own start (an empty script), the runner
 * until it has read its environment and is about to ask for the submission (it ends there when there is no
 * environment), and, for comparison, the runner until its request reaches the model, with the submission
 * fetched over HTTP, the grader and the model's client loaded and Node's fetch started. Fair to the empty
 * script: same Node, same way of starting, run in turns.
 */
export const runnerStart: Bench = { rounds: 30, run };

async function run({ rounds }: BenchContext): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), 'cloudemy-bench-'));
  const empty = join(folder, 'empty.cjs');
  await writeFile(empty, '');
  const stage = await Stage.start();
  const empties: number[] = [];
  const readies: number[] = [];
  const askings: number[] = [];
  try {
    for (let round = -1; round < rounds; round += 1) {
      const [bare, ready, asked] = [timeOf(empty, 0), timeOf(runner, misconfigured), await stage.time()];
      // The first round warms the file cache.
      if (round === -1) continue;
      empties.push(bare);
      readies.push(ready);
      askings.push(asked);
    }
  } finally {
    await stage.close();
    await rm(folder, { recursive: true });
  }
  const baseline = medianOf(empties);
  return {
    bench: 'runner-start',
    rounds,
    about: 'from the start of a process until it is ready',
    rows: [
      rowOf('empty Node script', 'ms', empties),
      rowOf('runner, ready to load', 'ms', readies, {
        baseline,
        goal: { of: 'ratio', is: 'at most', bound: limit },
      }),
      rowOf('runner, model asked', 'ms', askings, { baseline }),
    ],
  };
}

/** Milliseconds from start to end. */
function timeOf(script: string, expected: number): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [script], { env: {}, encoding: 'utf8' });
  const took = performance.now() - start;
  if (status !== expected) throw new Error(`${script} ended with ${status}, not ${expected}:\n${stderr}`);
  return took;
}

/** Backend and model in one: hands out the submission and notes when the model is asked. */
class Stage {
  private asked: ((at: number) => void) | undefined;

  private readonly server: Server;

  private constructor(server: Server) {
    this.server = server;

    server.on('request', (request, response) => {
      request.resume();
      if (request.url?.endsWith('/chat/completions') === true) {
        this.asked?.(performance.now());
        response.writeHead(401).end('{}');
        return;
      }
      const { submission_id, attempt } = record;
      const state = { submission_id, attempt, status: 'running', score: null };
      const body = request.method === 'GET' ? record : state;
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  }

  static async start(): Promise<Stage> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Stage(server);
  }

  /** Milliseconds from the start of a runner until it asks the model. */
  async time(): Promise<number> {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('the stage does not listen');
    const origin = `http://127.0.0.1:${address.port}`;
    const asked = new Promise<number>((resolve) => {
      this.asked = resolve;
    });
    const start = performance.now();
    const child = spawn(process.execPath, [runner], {
      env: {
        SUBMISSION_ID: record.submission_id,
        // Nothing listens there: the submission comes from the stage.
        REDIS_URL: 'redis://127.0.0.1:1',
        BACKEND_INTERNAL_URL: `${origin}/internal`,
        INTERNAL_RESULT_TOKEN: 'bench',
        LLM_API_KEY: 'bench',
        LLM_BASE_URL: `${origin}/v1`,
      },
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    const at = await Promise.race([asked, ended.then(() => Number.NaN)]);
    await ended;
    if (Number.isNaN(at)) throw new Error('the runner ended without asking the model');
    return at - start;
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}
