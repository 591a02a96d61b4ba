import type { standingsApi } from '@cloudemy/contracts';
import { objectId } from '@cloudemy/mongo';
import { type Handlers, notFound } from '@cloudemy/service';
import { gradeLines, resultLines, sendCsv } from './exports.js';
import { type StandingParts, listStandings } from './listing.js';
import { gradeStatistics } from './statistics.js';

/** Handlers of how students stand at an assignment. */
export function standingHandlers(parts: StandingParts): Handlers<typeof standingsApi> {
  /** Its id. @throws ProblemError `not_found` */
  const known = async ({ assignment_id: id }: { assignment_id: string }): Promise<string> => {
    if ((await parts.assignments.exists({ _id: objectId(id) })) === null) throw notFound('assignment', id);
    return id;
  };
  return {
    listStandings: async ({ params, query }) => ({
      status: 200,
      body: await listStandings(parts, await known(params), query),
    }),
    getGradeStatistics: async ({ params, query: { counts } }) => ({
      status: 200,
      body: await gradeStatistics(parts.submissions, await known(params), counts),
    }),
    exportGrades: async ({ params, query: { counts }, res, signal }) => {
      const id = await known(params);
      return sendCsv(res, `grades-${id}.csv`, gradeLines(parts, id, counts), signal);
    },
    exportResults: async ({ params, query: { counts }, res, signal }) => {
      const id = await known(params);
      return sendCsv(res, `results-${id}.csv`, resultLines(parts, id, counts), signal);
    },
  };
}
