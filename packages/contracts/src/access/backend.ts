import type { backendApi } from '../apis/backend.js';
import { type AccessRule, anyone, runner, services, users } from './rule.js';

const own = ['own'] as const;
const ownAndAssignment = ['own', 'assignment', 'staff'] as const;
const ownAndStaff = ['own', 'staff'] as const;
const assignmentAndStaff = ['assignment', 'staff'] as const;
const assignmentAndTeacher = ['assignment', 'teacher'] as const;
const ownAndTeacher = ['own', 'teacher'] as const;
const any = ['any'] as const;
const oneself = { student: own, instructor: own, 'runner-operator': own } as const;

const member = ['member'] as const;
const staff = ['staff'] as const;
const teacher = ['teacher'] as const;
const teachers = { student: teacher, instructor: teacher, admin: any } as const;

const webhookOwners = { student: own, instructor: own, admin: own } as const;

/** Who may do what on the backend, and on whose. An operation without a row does not compile. */
export const backendAccess = {
  getAuthInfo: anyone,
  getJwks: anyone,
  // What these take is the credential: a password, a refresh token, an invitation, an API key.
  register: anyone,
  login: anyone,
  refresh: anyone,
  logout: anyone,
  acceptInvitation: anyone,
  exchangeApiKey: anyone,
  getMe: users('any', { ...oneself, admin: own }),
  changePassword: users('none', { ...oneself, admin: own }),

  createUser: users('none', { admin: any }),
  listUsers: users('none', { admin: any }),
  getUser: users('grading:read', { ...oneself, instructor: ['own', 'assignment'], admin: any }),
  updateUser: users('none', { admin: any }),
  inviteUser: users('none', { admin: any }),
  eraseUser: users('none', { admin: any }),
  listSessions: users('none', { ...oneself, admin: any }),
  endSession: users('none', { ...oneself, admin: any }),
  endSessions: users('none', { ...oneself, admin: any }),

  createApiKey: users('none', { ...oneself, admin: own }),
  listApiKeys: users('none', { ...oneself, admin: any }),
  deleteApiKey: users('none', { ...oneself, admin: any }),

  createCourse: users('grading:write', { instructor: own, admin: any }),
  listCourses: users('grading:read', { student: member, instructor: member, admin: any }),
  joinCourse: users('grading:write', { student: own, instructor: own, admin: any }),
  getCourse: users('grading:read', { student: member, instructor: member, admin: any }),
  // Whoever teaches a course may, whatever they are elsewhere.
  updateCourse: users('grading:write', teachers),
  archiveCourse: users('grading:write', teachers),
  unarchiveCourse: users('grading:write', teachers),
  openCourseEntry: users('grading:write', teachers),
  closeCourseEntry: users('grading:write', teachers),
  listCoursePeople: users('grading:read', { student: staff, instructor: staff, admin: any }),
  addCoursePerson: users('grading:write', teachers),
  updateCoursePerson: users('grading:write', teachers),
  removeCoursePerson: users('grading:write', teachers),
  importRoster: users('grading:write', teachers),

  createAssignment: users('grading:write', { student: teacher, instructor: ownAndTeacher, admin: any }),
  listAssignments: users('grading:read', { student: any, instructor: any, admin: any }),
  getAssignment: users('grading:read', { student: any, instructor: any, admin: any }),
  updateAssignment: users('grading:write', { student: teacher, instructor: ownAndTeacher, admin: any }),
  archiveAssignment: users('grading:write', { student: teacher, instructor: ownAndTeacher, admin: any }),
  releaseGrades: users('grading:write', { student: teacher, instructor: ownAndTeacher, admin: any }),
  withholdGrades: users('grading:write', { student: teacher, instructor: ownAndTeacher, admin: any }),
  getAssignmentStats: users('grading:read', {
    student: teacher,
    instructor: assignmentAndTeacher,
    admin: any,
  }),

  createSubmission: users('grading:write', {
    student: ownAndStaff,
    instructor: ownAndAssignment,
    admin: any,
  }),
  listSubmissions: users('grading:read', { student: ownAndStaff, instructor: ownAndAssignment, admin: any }),
  getSubmission: users('grading:read', { student: ownAndStaff, instructor: ownAndAssignment, admin: any }),
  getSubmissionFile: users('grading:read', {
    student: ownAndStaff,
    instructor: ownAndAssignment,
    admin: any,
  }),
  streamSubmissionEvents: users('grading:read', {
    student: ownAndStaff,
    instructor: ownAndAssignment,
    admin: any,
  }),
  cancelSubmission: users('grading:write', {
    student: ownAndStaff,
    instructor: ownAndAssignment,
    admin: any,
  }),
  // A second try at grading costs money and may end better: not for those who are graded.
  regradeSubmission: users('grading:write', {
    student: teacher,
    instructor: assignmentAndTeacher,
    admin: any,
  }),

  getAttempt: users('grading:read', { student: ownAndStaff, instructor: ownAndAssignment, admin: any }),
  getReceipt: users('grading:read', { student: ownAndStaff, instructor: ownAndAssignment, admin: any }),
  getReceiptKeys: anyone,
  listGradeChanges: users('grading:read', { student: ownAndStaff, instructor: ownAndAssignment, admin: any }),
  // Nobody decides over a grade of their own: who owns the assignment does.
  decideGrade: users('grading:write', { student: staff, instructor: assignmentAndStaff, admin: any }),
  createComment: users('grading:write', { student: staff, instructor: assignmentAndStaff, admin: any }),
  listComments: users('grading:read', { student: ownAndStaff, instructor: ownAndAssignment, admin: any }),
  resolveComment: users('grading:write', { student: ownAndStaff, instructor: ownAndAssignment, admin: any }),
  // For one's own work: those who answer do not ask.
  requestReview: users('grading:write', { student: own, admin: any }),
  listReviewRequests: users('grading:read', {
    student: ownAndStaff,
    instructor: ownAndAssignment,
    admin: any,
  }),
  answerReview: users('grading:write', { student: staff, instructor: assignmentAndStaff, admin: any }),
  getReviewQueue: users('grading:read', { student: staff, instructor: assignmentAndStaff, admin: any }),
  restoreGrade: users('grading:write', { student: staff, instructor: assignmentAndStaff, admin: any }),
  confirmGrade: users('grading:write', { student: staff, instructor: assignmentAndStaff, admin: any }),
  undoGrade: users('grading:write', { student: staff, instructor: assignmentAndStaff, admin: any }),
  listReviewGroups: users('grading:read', { student: staff, instructor: assignmentAndStaff, admin: any }),
  listStandings: users('grading:read', { student: staff, instructor: assignmentAndStaff, admin: any }),
  getGradeStatistics: users('grading:read', { student: staff, instructor: assignmentAndStaff, admin: any }),
  exportGrades: users('grading:read', { student: staff, instructor: assignmentAndStaff, admin: any }),
  exportResults: users('grading:read', { student: staff, instructor: assignmentAndStaff, admin: any }),

  regradeAssignment: users('grading:write', {
    student: teacher,
    instructor: assignmentAndTeacher,
    admin: any,
  }),
  estimateRegrade: users('grading:read', { student: teacher, instructor: assignmentAndTeacher, admin: any }),
  applyRegrade: users('grading:write', { student: teacher, instructor: assignmentAndTeacher, admin: any }),
  undoRegrade: users('grading:write', { student: teacher, instructor: assignmentAndTeacher, admin: any }),
  discardRegrade: users('grading:write', { student: teacher, instructor: assignmentAndTeacher, admin: any }),
  listRegrades: users('grading:read', { student: teacher, instructor: assignmentAndTeacher, admin: any }),
  getRegrade: users('grading:read', { student: teacher, instructor: assignmentAndTeacher, admin: any }),
  listRegradeResults: users('grading:read', {
    student: teacher,
    instructor: assignmentAndTeacher,
    admin: any,
  }),
  cancelRegrade: users('grading:write', { student: teacher, instructor: assignmentAndTeacher, admin: any }),
  resumeRegrade: users('grading:write', { student: teacher, instructor: assignmentAndTeacher, admin: any }),

  // Everybody's own: an administrator too is told of what is theirs.
  createWebhook: users('grading:write', webhookOwners),
  listWebhooks: users('grading:read', webhookOwners),
  getWebhook: users('grading:read', webhookOwners),
  updateWebhook: users('grading:write', webhookOwners),
  deleteWebhook: users('grading:write', webhookOwners),
  rotateWebhookSecret: users('grading:write', webhookOwners),
  testWebhook: users('grading:write', webhookOwners),
  listWebhookDeliveries: users('grading:read', webhookOwners),
  replayWebhookDelivery: users('grading:write', webhookOwners),

  listAudit: users('none', { admin: any }),

  getOperation: users('none', { admin: any }),
  listKeptMessages: users('none', { admin: any }),
  replayKeptMessage: users('none', { admin: any }),

  claimSubmissions: services,
  reportJobs: services,
  readStates: services,
  listActiveAttempts: services,
  reportDeadLetter: services,
  listDeadLetters: services,
  replayDeadLetter: services,

  getRunnerRecord: runner,
  reportStarted: runner,
  deliverResult: runner,
} as const satisfies Record<keyof typeof backendApi, AccessRule>;
