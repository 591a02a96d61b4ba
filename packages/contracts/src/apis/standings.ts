import { z } from 'zod';
import { defineApi } from '../http/route.js';
import { Id } from '../primitives.js';
import { CountsQuery, GradeStatistics, StandingPage, StandingQuery } from '../standings.js';

const params = z.object({ assignment_id: Id });
const csv = {
  schema: z.string(),
  contentType: 'text/csv',
  headers: { 'Content-Disposition': 'To be saved, under a name.' },
};

/** How students stand at an assignment. */
export const standingsApi = defineApi({
  listStandings: {
    method: 'get',
    path: '/assignments/{assignment_id}/grades',
    tag: 'Grades',
    summary: 'List the students of an assignment, each with the submission that counts',
    auth: 'user',
    params,
    query: StandingQuery,
    responses: { 200: { description: 'A page.', schema: StandingPage } },
    problems: ['not_found', 'quota_exceeded'],
  },
  getGradeStatistics: {
    method: 'get',
    path: '/assignments/{assignment_id}/grades/statistics',
    tag: 'Grades',
    summary: 'Spread the grades of an assignment, and count by criterion and tag',
    auth: 'user',
    params,
    query: CountsQuery,
    responses: { 200: { description: 'The figures.', schema: GradeStatistics } },
    problems: ['not_found'],
  },
  exportGrades: {
    method: 'get',
    path: '/assignments/{assignment_id}/grades.csv',
    tag: 'Grades',
    summary: 'Download the grades of an assignment as CSV, a line for each student',
    description:
      'UTF-8 with a byte order mark, commas between cells. A text that a spreadsheet would take for a formula has an apostrophe before it. An export that breaks off ends its connection without the end of the answer.',
    auth: 'user',
    params,
    query: CountsQuery,
    responses: { 200: { description: 'The grades.', ...csv } },
    problems: ['not_found'],
  },
  exportResults: {
    method: 'get',
    path: '/assignments/{assignment_id}/results.csv',
    tag: 'Grades',
    summary: 'Download the results of an assignment as CSV, a line for each student and criterion',
    description: 'As `grades.csv`, of those who have a grade.',
    auth: 'user',
    params,
    query: CountsQuery,
    responses: { 200: { description: 'The results.', ...csv } },
    problems: ['not_found'],
  },
});
