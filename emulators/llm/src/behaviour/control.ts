import type { Behaviour } from './behaviour.js';

/** What the control endpoint shows and sets. */
export interface ControlState {
  behaviour: Behaviour;
  /** Milliseconds every answer is held back. */
  delay_ms: number;
  /** Requests the behaviour still applies to; null means until it is changed. */
  times: number | null;
}

/** Longest delay that can be asked for: beyond every client's own time limit. */
export const MAX_DELAY_MS = 600_000;

const FLAKY_FAILURES = 2;
const FLAKY_REMEMBERED = 10_000;

/** The server's present behaviour, and what it must remember between requests. */
export class Control {
  private readonly failures = new Map<string, number>();

  private state: ControlState;

  constructor(state: ControlState) {
    this.state = state;
  }

  show(): ControlState {
    return { ...this.state };
  }

  set(state: ControlState): void {
    this.state = { ...state };
    this.failures.clear();
  }

  /** The behaviour for one request that asks for none itself; counts down `times`, then it is `normal`. */
  take(): Behaviour {
    const { behaviour, times } = this.state;
    if (times === null) return behaviour;
    this.state = { ...this.state, times: times > 1 ? times - 1 : null };
    if (times <= 1) this.state.behaviour = 'normal';
    return behaviour;
  }

  /** Whether a flaky request fails this time: the first two with the same messages do. */
  failsNow(messagesHash: string): boolean {
    const failed = this.failures.get(messagesHash) ?? 0;
    if (failed >= FLAKY_FAILURES) {
      this.failures.delete(messagesHash);
      return false;
    }
    if (this.failures.size >= FLAKY_REMEMBERED) this.failures.clear();
    this.failures.set(messagesHash, failed + 1);
    return true;
  }
}
