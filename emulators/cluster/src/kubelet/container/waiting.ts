/** Why a container cannot be started now. It is tried again. */
export class Waiting extends Error {
  readonly reason: string;

  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Whatever keeps a container from being created, as its state shows it. */
export function asWaiting(error: unknown): Waiting {
  return error instanceof Waiting
    ? error
    : new Waiting('CreateContainerError', error instanceof Error ? error.message : String(error));
}
