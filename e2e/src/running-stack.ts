import type { Stack } from '@cloudemy/local-stack';

interface Running {
  stack: Stack;
  data: string;
}

let running: Running | undefined;

/** jest gives setup and teardown nothing to share but the module they both import. */
export function keepStack(stack: Running): void {
  running = stack;
}

export function takeStack(): Running | undefined {
  return running;
}
