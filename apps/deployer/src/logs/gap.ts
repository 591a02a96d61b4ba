import type { LogGapEvent } from '@cloudemy/contracts';
import type { LogSource, Position } from './cursor.js';

const messages: Readonly<Record<LogGapEvent['reason'], string>> = {
  beginning:
    'what is left of the log seems to begin in the middle: its node keeps the newest file of a log alone',
  rotated:
    'the node has begun a new file of the log since: lines between the last one and the next may be missing',
  run_gone:
    'the container was restarted more than once since: the node keeps the logs of the last two runs alone',
  log_lost: 'the node has no log of the container any more: what it wrote since the last line is missing',
};

/**
 * @param run which run of the container the missing lines are of
 * @param last how far the log was read
 * @param next when the next line was written, if there is one
 */
export function gapOf(
  reason: LogGapEvent['reason'],
  { pod, container }: LogSource,
  run: number,
  last: Position | undefined,
  next?: string,
): LogGapEvent {
  return {
    pod,
    container,
    restarts: run,
    reason,
    message: messages[reason],
    // Of a line that was sent in part the rest is surely missing.
    missing_at_least: last !== undefined && last.characters > 0 ? 1 : 0,
    after: last?.time ?? null,
    before: next ?? null,
  };
}
