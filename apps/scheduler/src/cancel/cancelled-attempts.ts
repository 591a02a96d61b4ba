/** How long a cancellation is remembered: longer than the creation of a Job can take, in milliseconds. */
const rememberMs = 120_000;

/**
 * Attempts cancelled of late, by Job name. A cancellation may arrive while the Job is being created: whoever
 * created it looks here afterwards.
 */
export class CancelledAttempts {
  private readonly until = new Map<string, number>();

  note(jobName: string): void {
    const now = performance.now();
    for (const [name, until] of this.until) {
      if (until > now) break;
      this.until.delete(name);
    }
    this.until.delete(jobName);
    this.until.set(jobName, now + rememberMs);
  }

  has(jobName: string): boolean {
    return (this.until.get(jobName) ?? 0) > performance.now();
  }
}
