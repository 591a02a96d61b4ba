/**
 * Does something now and again every so many milliseconds, but not while nobody looks at the page.
 *
 * @returns does it at once
 */
export function poll(everyMs: number, work: () => Promise<void>): () => void {
  let timer: number | undefined;
  let running = false;
  let again = false;
  const turn = async (): Promise<void> => {
    if (running) {
      again = true;
      return;
    }
    window.clearTimeout(timer);
    running = true;
    await work();
    running = false;
    if (again) {
      again = false;
      void turn();
    } else if (!document.hidden) {
      timer = window.setTimeout(() => void turn(), everyMs);
    }
  };
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) void turn();
  });
  void turn();
  return () => void turn();
}
