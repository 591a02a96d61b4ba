import type { LogEndEvent, LogEvent, LogGapEvent, LogWaitingEvent } from '@cloudemy/contracts';

/** What a followed log says, one after the other. */
export type LogItem =
  /** What was asked for can be followed; always the first, so that a refusal comes before it. */
  | { kind: 'open' }
  /** @property id by which a reader who comes back continues after these lines */
  | { kind: 'log'; id: string; data: LogEvent }
  | { kind: 'gap'; data: LogGapEvent }
  | { kind: 'waiting'; data: LogWaitingEvent }
  /** @property id undefined when a reader is to come back */
  | { kind: 'end'; id: string | undefined; data: LogEndEvent };
