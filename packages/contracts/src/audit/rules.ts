import type { backendApi } from '../apis/backend.js';
import type { deployerApi } from '../apis/deployer.js';
import type { Api } from '../http/route.js';

/**
 * How an operation gets on record, besides refusals, which always do.
 *
 * - `before`: ahead of being done, and again when it is done. What cannot be recorded is not done.
 * - `after`: when it was done.
 * - `noted`: when it was done and its handler has said that it is to be on record.
 * - `by_service`: the service writes richer records itself.
 */
export type AuditRule =
  | { readonly audit: 'before' | 'after' | 'noted' | 'by_service' }
  | { readonly exempt: string };

export type AuditTable = Readonly<Record<string, AuditRule>>;

/** A row for each operation that may change something. */
type Decisions<A extends Api> = {
  readonly [Name in keyof A as A[Name]['method'] extends 'get' ? never : Name]: AuditRule;
};

const before = { audit: 'before' } as const;
const after = { audit: 'after' } as const;
const noted = { audit: 'noted' } as const;
const byService = { audit: 'by_service' } as const;
const exempt = (reason: string) => ({ exempt: reason }) as const;

const history = exempt('work of services and runners, which the history of the submission tells');

/** What of the backend is on record. An operation that changes something without a row does not compile. */
export const backendAudit = {
  register: after,
  login: after,
  // Every five minutes for everybody who is signed in; a token that was used twice is recorded.
  refresh: byService,
  logout: exempt('ends the session of whoever has its token, nobody else'),
  acceptInvitation: after,
  exchangeApiKey: exempt('asked by services every few seconds; refusals are recorded'),
  changePassword: before,

  createUser: before,
  updateUser: before,
  inviteUser: before,
  eraseUser: before,
  endSession: before,
  endSessions: before,
  createApiKey: before,
  deleteApiKey: before,

  createCourse: before,
  joinCourse: after,
  updateCourse: before,
  archiveCourse: before,
  unarchiveCourse: before,
  openCourseEntry: before,
  closeCourseEntry: before,
  addCoursePerson: before,
  updateCoursePerson: before,
  removeCoursePerson: before,
  importRoster: before,

  createAssignment: before,
  updateAssignment: before,
  archiveAssignment: before,
  releaseGrades: before,
  withholdGrades: before,
  confirmGrade: before,

  // For somebody else; what one hands in oneself is the submission.
  createSubmission: noted,
  cancelSubmission: after,
  regradeSubmission: before,
  decideGrade: before,
  createComment: exempt('kept with its author'),
  resolveComment: exempt('kept with who did'),
  requestReview: exempt('kept with its author'),
  answerReview: before,
  restoreGrade: before,
  undoGrade: before,
  regradeAssignment: before,
  estimateRegrade: exempt('reads'),
  applyRegrade: before,
  undoRegrade: before,
  discardRegrade: before,
  cancelRegrade: before,
  resumeRegrade: before,

  createWebhook: before,
  updateWebhook: before,
  deleteWebhook: before,
  rotateWebhookSecret: before,
  testWebhook: after,
  replayWebhookDelivery: after,

  replayKeptMessage: before,

  claimSubmissions: history,
  reportJobs: history,
  readStates: exempt('reads'),
  reportDeadLetter: exempt('a report of the scheduler, kept as the dead letter'),
  replayDeadLetter: before,

  reportStarted: history,
  deliverResult: history,
} as const satisfies Decisions<typeof backendApi>;

/** What of the deployer is on record. An operation that changes something without a row does not compile. */
export const deployerAudit = {
  deploy: byService,
  deleteByYaml: byService,
  deleteDeployment: byService,
  postJobLogs: byService,
  openJobTerminal: byService,
  createTerminal: byService,
  endTerminal: byService,
  endJobTerminals: byService,
  createTerminalTicket: exempt('good for a minute and once: what it opens is recorded as terminal_attached'),
  createWebhook: before,
  updateWebhook: before,
  deleteWebhook: before,
  rotateWebhookSecret: before,
  testWebhook: after,
  replayWebhookDelivery: after,
} as const satisfies Decisions<typeof deployerApi>;
