import type { jobsApi } from '@cloudemy/contracts';
import type { Handlers } from '@cloudemy/service';
import { callerOf } from '../auth/caller.js';
import type { Jobs } from './jobs.js';

/** `/jobs/{job_name}/status` */
export function jobHandlers(jobs: Jobs): Pick<Handlers<typeof jobsApi>, 'getJobStatus'> {
  return {
    getJobStatus: async ({ req, res, params, query, signal }) => ({
      status: 200,
      body: await jobs.status(callerOf(req, res), query.namespace, params.job_name, signal),
    }),
  };
}
