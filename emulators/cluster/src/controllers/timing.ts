/**
 * How long controllers and kubelet wait, in milliseconds. The defaults are what a Kubernetes 1.36 cluster
 * was seen to do; delays that exist there only because its parts poll each other are left out.
 */
export interface Timing {
  /** Pod changes of one Job that come within this span are dealt with together. */
  jobBatch: number;
  /** Pause before a failed pod is replaced; doubles with each failure in a row. */
  jobBackoff: number;
  jobBackoffMax: number;
  /** Pause after a refused creation; doubles. */
  createRetry: number;
  createRetryMax: number;
  /** Pause before a container is restarted for the second time; doubles. */
  restartBackoff: number;
  restartBackoffMax: number;
  /** A run of this length makes the restart back-off begin again. */
  restartBackoffReset: number;
  /** Pause before an image is pulled again; doubles. */
  pullBackoff: number;
  pullBackoffMax: number;
  /** First look at a container that could not be started. */
  firstResync: number;
  /** Every later look: between this and half as much again. */
  resync: number;
  /** Pause before a volume is set up again; doubles. */
  mountRetry: number;
  mountRetryMax: number;
}

export const recordedTiming: Timing = {
  jobBatch: 10,
  jobBackoff: 10_000,
  jobBackoffMax: 600_000,
  createRetry: 1000,
  createRetryMax: 360_000,
  restartBackoff: 10_000,
  restartBackoffMax: 300_000,
  restartBackoffReset: 600_000,
  pullBackoff: 10_000,
  pullBackoffMax: 300_000,
  firstResync: 500,
  resync: 10_000,
  mountRetry: 500,
  mountRetryMax: 122_000,
};

/** The recorded times multiplied by `factor`: a hundredth makes tests quick and keeps the order of things. */
export function scaledTiming(factor: number): Timing {
  const scaled = { ...recordedTiming };
  for (const [name, value] of Object.entries(recordedTiming)) {
    if (isTimingKey(name)) {
      scaled[name] = value * factor;
    }
  }
  return scaled;
}

function isTimingKey(name: string): name is keyof Timing {
  return name in recordedTiming;
}
