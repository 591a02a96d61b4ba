import type { TerminatedState } from '../objects/types.js';
import type { Problem } from './outcome.js';

/** Linux signal numbers, which is what containers report wherever this process runs. */
const SIGNALS = (
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN ' +
  'TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'
).split(' ');

/** What the commonest signals mean to somebody who has to find the fault. */
const SIGNAL_HINTS: Readonly<Record<string, string>> = {
  SIGSEGV: 'invalid memory access',
  SIGABRT: 'the program aborted itself',
  SIGFPE: 'arithmetic error, such as a division by zero',
  SIGILL: 'illegal instruction; perhaps an image for another processor',
  SIGKILL: 'it was killed, perhaps for want of memory on the node or after its grace period',
  SIGTERM: 'it was asked to stop',
  SIGPIPE: 'it wrote to a closed pipe',
};

/** `SIGKILL` for 9; undefined for a number that is no signal. */
export function signalName(number: number): string | undefined {
  const name = SIGNALS[number - 1];
  return name === undefined ? undefined : `SIG${name}`;
}

/** Shells and runtimes report death by signal n as exit code 128 + n. */
export function signalOfExitCode(exitCode: number): string | undefined {
  return exitCode > 128 ? signalName(exitCode - 128) : undefined;
}

/** What ended a container that failed, with its last words if it left any. */
export function describeExit(what: string, state: TerminatedState): Problem {
  const { exitCode } = state;
  if (state.reason === 'OOMKilled') {
    const message = `${what} used more memory than its limit allows and was killed`;
    return { reason: 'out_of_memory', message, canHeal: false, exitCode, signal: 'SIGKILL' };
  }
  if (state.reason === 'StartError' || state.reason === 'ContainerCannotRun') {
    return { ...describeStartFault(what, state.message ?? ''), canHeal: false, exitCode };
  }
  if (state.reason === 'ContainerStatusUnknown') {
    const message = `what became of ${what} is not known: its node lost track of it`;
    return { reason: 'failed', message, canHeal: false, exitCode };
  }
  const signal = state.signal === undefined ? signalOfExitCode(exitCode) : signalName(state.signal);
  const words = lastWords(state.message);
  if (signal !== undefined) {
    const hint = SIGNAL_HINTS[signal];
    const message = `${what} was ended by ${signal}${hint === undefined ? '' : ` (${hint})`}${words}`;
    return { reason: 'killed_by_signal', message, canHeal: false, exitCode, signal };
  }
  return { reason: 'exit_code', message: `${what} ${exitWords(exitCode)}${words}`, canHeal: false, exitCode };
}

function exitWords(exitCode: number): string {
  if (exitCode === 126) return 'exited with code 126 (command found but not executable)';
  if (exitCode === 127) return 'exited with code 127 (command not found)';
  return `exited with code ${exitCode}`;
}

/**
 * Why a container was not started: its command cannot be run, which lies with the image and stays so, or the node's
 * container runtime failed, which may go better the next time.
 *
 * @param message the runtime's own chain of errors, of which the last link says it: `exec: "/x": no such file or directory`
 */
export function describeStartFault(what: string, message: string): Pick<Problem, 'reason' | 'message'> {
  const fault = /exec: (?:\\?")?([^"\\]+)(?:\\?")?: (.+)$/s.exec(message);
  if (fault !== null) {
    const why = (fault[2] ?? '').replace(/^.*: (?=[^:]+$)/s, '').trim();
    return { reason: 'start_error', message: `${what} could not be started: ${fault[1] ?? ''}: ${why}` };
  }
  const words = message.trim().slice(0, 300) || 'it gave no reason';
  if (/no command specified/i.test(words)) {
    return { reason: 'start_error', message: `${what} could not be started: its image names no command` };
  }
  return {
    reason: 'runtime_error',
    message: `${what} could not be started: the container runtime of the node failed: ${words}`,
  };
}

function lastWords(message: string | undefined): string {
  const text = (message ?? '').trim().slice(-300);
  return text === '' ? '' : `: ${text}`;
}
