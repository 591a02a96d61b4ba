import type { TerminalCloseReason } from '@cloudemy/contracts';

/** Why a session is over. */
export interface SessionEnd {
  reason: TerminalCloseReason;
  /** In words, for the person at the terminal. */
  message: string;
  /** The shell's, when it ended by itself. */
  exitCode: number | null;
}

/** An end that was decided here and not by the shell. */
export const endFor = (reason: TerminalCloseReason, message: string): SessionEnd => ({
  reason,
  message,
  exitCode: null,
});
