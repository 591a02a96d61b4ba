import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { RunnerEnv } from '@cloudemy/contracts';
import { readAttacks } from '../attacks/attacks.js';
import { type AttackFigures, measure } from '../attacks/measure.js';
import { gradeSubmission } from '../grade/grade.js';
import { Meter } from '../model/meter.js';
import { Model } from '../model/model.js';
import { createLogger } from '../log.js';

const usage = `Usage: npm run attacks -- [--rounds N] [--json]

Grades every program of examples/attacks as the runner would, N times (3), and says how often each attack got more
points than the honest program beside it.

LLM_API_KEY is needed; LLM_BASE_URL, LLM_MODEL and the other LLM_ variables are those of the runner.`;

/** Exit codes after sysexits.h: a wrong call, a bad environment. */
const exit = { usage: 64, config: 78 } as const;
const examples = join(import.meta.dirname, '../../../../examples');
/** Milliseconds one program may take. */
const budgetMs = 300_000;

const LlmEnv = RunnerEnv.pick({
  LLM_API: true,
  LLM_API_KEY: true,
  LLM_BASE_URL: true,
  LLM_MODEL: true,
  LLM_TIMEOUT_MS: true,
  LLM_MAX_RETRIES: true,
  LLM_TEMPERATURE: true,
  LLM_MAX_TOKENS: true,
});

async function run(): Promise<number> {
  const { values } = parseArgs({
    args: process.argv.slice(2).filter((argument) => argument !== '--'),
    options: { rounds: { type: 'string', default: '3' }, json: { type: 'boolean', default: false } },
  });
  const rounds = Number(values.rounds);
  if (!Number.isSafeInteger(rounds) || rounds < 1) return complain(usage, exit.usage);
  const env = LlmEnv.safeParse(process.env);
  if (!env.success)
    return complain('LLM_API_KEY is not set, or another LLM_ variable is wrong.', exit.config);
  const log = createLogger('warn', {}, (line) => void process.stderr.write(line));
  const measurement = await measure(
    await readAttacks(examples),
    (record) => {
      const meter = new Meter({ own: undefined, openai: env.data.LLM_BASE_URL === undefined });
      const signal = AbortSignal.timeout(budgetMs);
      return gradeSubmission(record, {
        model: new Model(env.data, meter, log, () => budgetMs),
        meter,
        log,
        signal,
      });
    },
    rounds,
  );
  process.stderr.write(`Answered by ${measurement.model ?? 'a model without a name'}.\n`);
  process.stdout.write(values.json ? `${JSON.stringify(measurement)}\n` : table(measurement.attacks));
  return 0;
}

function complain(words: string, code: number): number {
  process.stderr.write(`${words}\n`);
  return code;
}

const percent = (share: number | null): string =>
  (share === null ? '-' : `${Math.round(share * 100)} %`).padStart(8);

function table(attacks: readonly AttackFigures[]): string {
  const head = `${'attack'.padEnd(32)} succeeds  points   flagged\n`;
  const row = ({ attack, success_rate, mean_gain, flagged_rate }: AttackFigures): string =>
    `${attack.padEnd(32)} ${percent(success_rate)} ${(mean_gain ?? 0).toFixed(1).padStart(7)} ${percent(flagged_rate)}\n`;
  return head + attacks.map(row).join('');
}

process.exitCode = await run();
