/** A reader waits this long for what is nice to know, in milliseconds. */
const patienceMs = 250;

/** What Redis says, unless it fails or takes too long: then undefined. Never throws. */
export async function atOnce<T>(work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      resolve(undefined);
    }, patienceMs);
  });
  try {
    return await Promise.race([work.catch(() => undefined), late]);
  } finally {
    clearTimeout(timer);
  }
}
