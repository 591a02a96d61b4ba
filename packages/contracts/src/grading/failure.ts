import { z } from 'zod';
import { ExitCode } from './exit-codes.js';
import type { ExitMapping, FailureDefinition, ReasonMapping } from './failure-definition.js';
import { type FailureCode as Code, failures } from './failures.js';

/** The longest sentence that a failure, a waiting state or a dead letter may hold. */
export const maxMessage = 2_000;

/** The longest detail of a failure. */
const maxDetail = 1_000;

const isCode = (text: string): text is Code => Object.hasOwn(failures, text);

export const FailureCode = z.enum(Object.keys(failures).filter(isCode)).meta({ id: 'FailureCode' });
export type FailureCode = Code;

/** Words that had a second word for the same fact. MongoDB may hold them, and a former scheduler may send them. */
const formerCodes: Readonly<Record<string, Code>> = {
  invalid_image_name: 'image_name_invalid',
  missing_secret: 'secret_missing',
  missing_config: 'config_map_missing',
};

/** The word of today for one that was stored or sent by an earlier version. */
export const currentCode = <T>(code: T): T | Code =>
  typeof code === 'string' && Object.hasOwn(formerCodes, code) ? (formerCodes[code] ?? code) : code;

export const Failure = z
  .object({
    code: z.preprocess(currentCode, FailureCode),
    message: z.string().min(1).max(maxMessage).describe('A sentence a student understands.'),
    retryable: z
      .boolean()
      .describe('Whether another attempt may end better without anyone changing anything.'),
    detail: z
      .string()
      .max(maxDetail)
      .optional()
      .describe(
        'What was wrong, for those who run the course or the installation: students are not shown it.',
      ),
    retry_after_seconds: z
      .int()
      .min(0)
      .max(86_400)
      .optional()
      .describe('How long whoever is at fault wants to be left alone; no attempt begins before.'),
  })
  .meta({ id: 'Failure' });
export type Failure = z.output<typeof Failure>;

/** A code's entry in the table, with all that an entry may have. */
export const definitionOf = (code: Code): FailureDefinition => failures[code];

/** Whether the failure would meet every submission: then it is the queue that must wait. */
export const meetsEverybody = (code: Code): boolean => definitionOf(code).scope === 'installation';

interface Details {
  /** Replaces the sentence of the table. */
  sentence?: string;
  /** What is known of this very case; follows the sentence after a colon. */
  because?: string;
  retryable?: boolean;
}

/** The failure of a code, in words for the student that fit the contract. */
export function failure(code: Code, details: Details = {}): Failure {
  const { sentence, opening = sentence, retryable } = definitionOf(code);
  const { because } = details;
  const text = withoutStop(details.sentence ?? (because === undefined ? sentence : opening));
  const whole = because === undefined ? text : `${text}: ${withoutStop(because)}`;
  return {
    code,
    message: `${whole.slice(0, maxMessage - 1)}.`,
    retryable: details.retryable ?? retryable,
  };
}

const withoutStop = (text: string): string => text.trim().replace(/[.\s]+$/, '');

/** The failure that the end of a state's time means. */
export function lateFailure(status: 'queued' | 'scheduled' | 'running', within: string): Failure {
  const code = codes.find((one) => definitionOf(one).late?.status === status) ?? 'internal_error';
  return failure(code, { sentence: `${definitionOf(code).late?.sentence ?? ''} within ${within}` });
}

const codes = FailureCode.options;

/** Which failure a reason of the cluster means, and how long the reason may last. */
export const byReason: ReadonlyMap<string, ReasonMapping & { code: Code; retryable: boolean }> = new Map(
  codes.flatMap((code) => {
    const { reasons = {}, retryable } = definitionOf(code);
    return Object.entries(reasons).map(([reason, mapping]) => [reason, { code, retryable, ...mapping }]);
  }),
);

const exitCodeOf = (name: string): number => new Map<string, number>(Object.entries(ExitCode)).get(name) ?? 1;

/** What an exit code of the runner means; codes that are not here say only that it crashed. */
export const byExitCode: ReadonlyMap<number, ExitMapping & { code: Code }> = new Map(
  codes.flatMap((code) => {
    const { exits = {} } = definitionOf(code);
    return Object.entries(exits).map(([name, mapping]) => [exitCodeOf(name), { code, ...mapping }]);
  }),
);

/** Exit codes of the runner after which the same Job would only end the same way again, in order. */
export const permanentExitCodes: readonly number[] = [...byExitCode]
  .filter(([, { retryable }]) => !retryable)
  .map(([exit]) => exit)
  .toSorted((a, b) => a - b);
