import type { ActiveAttempt } from '@cloudemy/contracts';
import type { InternalClient } from './internal-client.js';

/** Every attempt that is scheduled or running, page by page. Throws what the client throws. */
export async function* activeAttempts(
  client: Pick<InternalClient, 'listActiveAttempts'>,
): AsyncGenerator<ActiveAttempt> {
  let cursor: string | undefined;
  do {
    const page = await client.listActiveAttempts({ query: cursor === undefined ? {} : { cursor } });
    yield* page.items;
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
}
