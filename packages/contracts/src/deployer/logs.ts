import { z } from 'zod';
import { Instant, queryFlag, wholeNumber } from '../primitives.js';
import { ContainerName, JobName, PodName, namespaceField } from './names.js';

const which = {
  namespace: namespaceField,
  pod: PodName.optional().describe('One pod of the Job; all of them when left out.'),
  container: ContainerName.optional().describe(
    'One container, init containers too; the main containers when left out.',
  ),
  since_time: Instant.optional().describe('Only lines written at or after this instant.'),
};

const meaning = {
  follow: 'Go on live as Server-Sent Events, until the Job has ended.',
  tail: 'Only so many lines from the end, per container.',
  since_seconds: 'Only lines of the last so many seconds.',
  previous: 'Of a container that was restarted, the run before.',
  timestamps: 'When each line was written.',
  limit_bytes: 'Of the whole answer at most so many bytes; the last line may be cut.',
  all_containers: 'Init and ephemeral containers too.',
  prefix: 'Put `[pod/container] ` before each line of plain text; when left out, if there are several.',
};

const mostTail = 1_000_000;

const onlyOneSince = (options: { since_seconds?: number | undefined; since_time?: string | undefined }) =>
  options.since_seconds === undefined || options.since_time === undefined;
const sinceTwice = { path: ['since_time'], error: 'cannot be given together with since_seconds' };
const notBoth = (options: { follow: boolean; previous: boolean }) => !(options.follow && options.previous);
const followPrevious = { path: ['previous'], error: 'cannot be followed: a run that is over does not go on' };

/** Options of `GET /jobs/{job_name}/logs`. */
export const LogQuery = z
  .strictObject({
    ...which,
    follow: queryFlag.default(false).describe(meaning.follow),
    tail: wholeNumber(0, mostTail).optional().describe(meaning.tail),
    since_seconds: wholeNumber(1, 2_147_483_647).optional().describe(meaning.since_seconds),
    previous: queryFlag.default(false).describe(meaning.previous),
    timestamps: queryFlag.default(false).describe(meaning.timestamps),
    limit_bytes: wholeNumber(1, Number.MAX_SAFE_INTEGER).optional().describe(meaning.limit_bytes),
    all_containers: queryFlag.default(false).describe(meaning.all_containers),
    prefix: queryFlag.optional().describe(meaning.prefix),
  })
  .refine(onlyOneSince, sinceTwice)
  .refine(notBoth, followPrevious);
export type LogOptions = z.output<typeof LogQuery>;

const plain = (least: number) => z.int().min(least, `must be at least ${least}`);

/** Body of `POST /jobs/logs`: the same as JSON. */
export const LogRequest = z
  .strictObject({
    job_name: JobName,
    ...which,
    follow: z.boolean().default(false).describe(meaning.follow),
    tail: plain(0).max(mostTail).optional().describe(meaning.tail),
    since_seconds: plain(1).max(2_147_483_647).optional().describe(meaning.since_seconds),
    previous: z.boolean().default(false).describe(meaning.previous),
    timestamps: z.boolean().default(false).describe(meaning.timestamps),
    limit_bytes: plain(1).optional().describe(meaning.limit_bytes),
    all_containers: z.boolean().default(false).describe(meaning.all_containers),
    prefix: z.boolean().optional().describe(meaning.prefix),
  })
  .refine(onlyOneSince, sinceTwice)
  .refine(notBoth, followPrevious)
  .meta({ id: 'LogRequest' });
export type LogRequest = z.output<typeof LogRequest>;

/** Resuming a followed log: `Last-Event-ID` is the id of the last event that arrived. */
export const LogHeaders = z.object({
  'last-event-id': z
    .string()
    .max(16_384)
    .regex(/^[\w-]+$/, 'must be the id of an event of this log')
    .optional()
    .describe('Goes on right after that event.'),
});

/** Data of a `log` event: lines of one container in the order written. */
export const LogEvent = z
  .object({
    pod: z.string(),
    container: z.string(),
    restarts: z.int().min(0).describe('Which run of the container: 0 is the first.'),
    timestamp: z.string().describe('When the last of the lines was written; RFC 3339 with nanoseconds.'),
    lines: z
      .array(z.string())
      .describe(
        'Without line ends. Lines that come fast share an event; bytes that are not UTF-8 show as �.',
      ),
    timestamps: z.array(z.string()).optional().describe('One per line, when asked for.'),
    continues: z
      .boolean()
      .optional()
      .describe('The first line goes on where the last of the event before was cut, for it was very long.'),
  })
  .meta({ id: 'LogEvent' });
export type LogEvent = z.output<typeof LogEvent>;

/** Data of a `waiting` event: why there is nothing to read yet. */
export const LogWaitingEvent = z
  .object({
    reason: z.string(),
    message: z.string(),
    pod: z.string().nullable(),
    container: z.string().nullable(),
  })
  .meta({ id: 'LogWaitingEvent' });
export type LogWaitingEvent = z.output<typeof LogWaitingEvent>;

/** Data of a `gap` event: lines that the cluster no longer has, between what was sent and what comes next. */
export const LogGapEvent = z
  .object({
    pod: z.string(),
    container: z.string(),
    restarts: z.int().min(0).describe('Which run of the container the missing lines are of.'),
    reason: z
      .enum(['beginning', 'rotated', 'run_gone', 'log_lost'])
      .describe(
        '`beginning`: what is left seems to begin in the middle. `rotated`: the node keeps the newest file of a log alone, and it was begun anew since the last line that was sent. `run_gone`: the container was restarted more than once meanwhile. `log_lost`: the node has no log of the container any more.',
      ),
    message: z.string(),
    missing_at_least: z
      .int()
      .min(0)
      .describe(
        'Lines that are missing for certain; 0 when only their place is known, not whether any were.',
      ),
    after: z
      .string()
      .nullable()
      .describe('When the last line that was sent was written; null at the beginning.'),
    before: z.string().nullable().describe('When the next line was written; null when there is none yet.'),
  })
  .meta({ id: 'LogGapEvent' });
export type LogGapEvent = z.output<typeof LogGapEvent>;

/** Data of an `end` event: how the Job ended, or why the log does. Nothing follows it. */
export const LogEndEvent = z
  .object({
    outcome: z.enum(['succeeded', 'failed', 'deleted', 'limit_reached', 'container_ended', 'shutdown']),
    reason: z.string(),
    message: z.string(),
  })
  .meta({ id: 'LogEndEvent' });
export type LogEndEvent = z.output<typeof LogEndEvent>;
