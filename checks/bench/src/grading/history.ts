import { type Client, backendApi, createClient, internalApi } from '@cloudemy/contracts';
import { backendEnv, freePort, startService } from '@cloudemy/emulator-stack';
import mongoose from 'mongoose';
import type { Bench, BenchContext } from '../bench.js';
import { type Report, medianOf, quantileOf, rowOf } from '../report/report.js';
import { programPid, residentMiB } from '../stack/memory.js';
import { type GradingStack, assignment, startGradingStack, submissionOf } from './grading-stack.js';
import { openDatabase, storedSubmission } from './store-writes.js';

/** How many times what it takes with little history it may take with a hundred times as much. */
const bound = 1.5;
/** Documents in one insert. */
const batch = 1_000;

/**
 * Whether a long history makes a backend slow or large: two backends in front of databases of different size answer
 * the same questions in turn.
 */
export const history: Bench = { rounds: 5, run };

async function run({ rounds, quick }: BenchContext): Promise<Report> {
  const [few, many] = quick ? [100, 1_000] : [1_000, 100_000];
  const repeats = quick ? 5 : 40;
  const stack = await startGradingStack();
  const sides: Side[] = [];
  try {
    for (const size of [few, many]) sides.push(await startSide(stack, size));
    const times = new Map<string, number[]>();
    for (let round = -1; round < rounds; round += 1) {
      for (const question of questions) {
        for (const side of sides) {
          const median = await askRepeatedly(side, question, repeats);
          const key = keyOf(question, side);
          // The first round warms up what is on the way.
          if (round >= 0) times.set(key, [...(times.get(key) ?? []), median]);
        }
      }
    }
    const [small, large] = sides;
    if (small === undefined || large === undefined) throw new Error('both backends were started');
    const flat = { of: 'ratio', is: 'at most', bound } as const;
    const latencies = questions.flatMap((question) => {
      const before = times.get(keyOf(question, small)) ?? [];
      return [
        rowOf(keyOf(question, small), 'ms', before),
        rowOf(keyOf(question, large), 'ms', times.get(keyOf(question, large)) ?? [], {
          baseline: medianOf(before),
          goal: flat,
        }),
      ];
    });
    const memory = sides.map(({ pid }) => (pid === undefined ? undefined : residentMiB(pid)) ?? Number.NaN);
    const baseline = memory[0] ?? Number.NaN;
    return {
      bench: 'history',
      rounds,
      about: `${few} and ${many} stored submissions, ${repeats} questions each`,
      rows: [
        ...latencies,
        rowOf(`memory of the backend, ${few}`, 'MiB', [baseline]),
        rowOf(`memory of the backend, ${many}`, 'MiB', [memory[1] ?? Number.NaN], { baseline, goal: flat }),
      ],
    };
  } finally {
    for (const side of sides) await side.close();
    await stack.close();
  }
}

/** A backend with a database of its own. */
interface Side {
  size: number;
  backend: Client<typeof backendApi>;
  internal: Client<typeof internalApi>;
  url: string;
  /** All submissions are to this one. */
  assignmentId: string;
  /** A submission somewhere in the middle. */
  someId: string;
  pid: number | undefined;
  close(): Promise<void>;
}

interface Question {
  what: string;
  ask: (side: Side) => Promise<unknown>;
}

const questions: readonly Question[] = [
  { what: 'first page', ask: ({ backend }) => backend.listSubmissions({ query: {} }) },
  {
    what: 'page of failed ones',
    ask: ({ backend }) => backend.listSubmissions({ query: { status: 'failed' } }),
  },
  {
    what: 'one submission',
    ask: ({ backend, someId }) => backend.getSubmission({ params: { submission_id: someId } }),
  },
  {
    what: 'stats of the assignment',
    ask: ({ backend, assignmentId }) =>
      backend.getAssignmentStats({ params: { assignment_id: assignmentId } }),
  },
  // With the counts of what waits, which Prometheus asks for.
  { what: 'metrics', ask: ({ url }) => fetch(`${url}/metrics`).then((answer) => answer.text()) },
  { what: 'attempts to reconcile', ask: ({ internal }) => internal.listActiveAttempts({ query: {} }) },
];

const keyOf = ({ what }: Question, { size }: Side): string => `${what}, ${size.toLocaleString('en-US')}`;

/** The median time of an answer in milliseconds. */
async function askRepeatedly(side: Side, { ask }: Question, repeats: number): Promise<number> {
  const times: number[] = [];
  for (let turn = 0; turn < repeats; turn += 1) {
    const asked = performance.now();
    await ask(side);
    times.push(performance.now() - asked);
  }
  return quantileOf(times, 0.5);
}

async function startSide(stack: GradingStack, size: number): Promise<Side> {
  const name = `history-${size}`;
  const { process, url } = await startService({
    app: 'backend',
    name,
    port: await freePort(),
    env: {
      ...backendEnv(stack.wiring),
      DB_NAME: name,
      QUEUE_SUBMISSIONS: `queue:${name}`,
      LOG_LEVEL: 'warn',
    },
    logsFolder: stack.logsFolder,
  });
  const backend = createClient(backendApi, { baseUrl: url });
  const { assignment_id: assignmentId } = await backend.createAssignment({ body: assignment });
  const ids = await fill(stack, name, size, assignmentId);
  return {
    size,
    backend,
    url,
    assignmentId,
    internal: createClient(internalApi, {
      baseUrl: url,
      headers: { authorization: `Bearer ${stack.wiring.settings.serviceToken}` },
    }),
    someId: ids[Math.floor(size / 2)] ?? '',
    pid: programPid(process.pid),
    close: () => process.stop(),
  };
}

/** Stores so many failed submissions, as the backend stores them. */
async function fill(
  stack: GradingStack,
  name: string,
  size: number,
  assignmentId: string,
): Promise<string[]> {
  const model = await failedSubmission(stack, assignmentId);
  const connection = await openDatabase(stack, name);
  try {
    const submissions = connection.collection('submissions');
    const ids: string[] = [];
    while (ids.length < size) {
      const documents = Array.from({ length: Math.min(batch, size - ids.length) }, () => ({
        ...model,
        _id: idOf(secondOf(ids.length)),
      }));
      await submissions.insertMany(documents);
      ids.push(...documents.map(({ _id }) => _id.toHexString()));
    }
    return ids;
  } finally {
    await connection.close();
  }
}

/** When what follows so many was submitted, in seconds since 1970: a batch a day, the first of them today. */
const secondOf = (stored: number): number =>
  Math.floor(Date.now() / 1000) - Math.floor(stored / batch) * 86_400;

/** An id of its own, made in that second. */
const idOf = (second: number): mongoose.Types.ObjectId =>
  new mongoose.Types.ObjectId(second.toString(16) + new mongoose.Types.ObjectId().toHexString().slice(8));

/** One that failed an hour ago. */
async function failedSubmission(stack: GradingStack, assignmentId: string): Promise<Record<string, unknown>> {
  const { backend } = stack;
  const { submission_id } = await backend.createSubmission({
    body: submissionOf(stack.assignmentId),
    headers: {},
  });
  await backend.cancelSubmission({ params: { submission_id } });
  const connection = await openDatabase(stack, 'cloudemy');
  try {
    const stored = await storedSubmission(connection, submission_id);
    return {
      ...stored,
      assignment_id: new mongoose.Types.ObjectId(assignmentId),
      finished_at: new Date(Date.now() - 3_600_000),
      status: 'failed',
      failure: { code: 'crashed', message: 'It crashed.', retryable: false },
    };
  } finally {
    await connection.close();
  }
}
