import { actorOf } from '@cloudemy/auth';
import type { statusApi } from '@cloudemy/contracts';
import type { Handlers } from '@cloudemy/service';
import type { SystemState } from './system-status.js';

export function statusHandlers(state: SystemState): Handlers<typeof statusApi> {
  return {
    getStatus: async ({ res }) => ({
      status: 200,
      body: await state.read(actorOf(res).roles.includes('admin')),
    }),
  };
}
