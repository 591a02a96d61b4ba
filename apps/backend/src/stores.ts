import { type AuditModel, auditModel } from '@cloudemy/auth';
import { type DeliveryModel, type WebhookModel, webhookModels } from '@cloudemy/webhooks';
import type { Connection, Model } from 'mongoose';
import { type ApiKeyModel, apiKeyModel } from './accounts/api-keys/model.js';
import { type CredentialModel, credentialModel } from './accounts/passwords/credentials.js';
import { type InvitationModel, invitationModel } from './accounts/passwords/invitations.js';
import { type SessionModel, sessionModel } from './accounts/sessions/model.js';
import { type SigningKeyModel, signingKeyModel } from './accounts/signing/model.js';
import { type AssignmentModel, assignmentModel } from './assignments/model.js';
import { type StatsModel, statsModel } from './assignments/stats/model.js';
import { type UsageModel, usageModel } from './operation/usage.js';
import { type SpendingModel, spendingModel } from './budget/budget.js';
import { type DeadLetterModel, deadLetterModel } from './dead-letters/model.js';
import {
  type RegradeItemModel,
  type RegradeModel,
  regradeItemModel,
  regradeModel,
} from './regrades/model.js';
import { type DecisionCollection, decisionCollection, decisionIndexes } from './grades/decisions.js';
import { type ReceiptKeyCollection, receiptKeyCollection } from './receipts/keys.js';
import { type ResultCollection, resultCollection, resultIndexes } from './results/model.js';
import {
  type IdempotencyCollection,
  idempotencyCollection,
  idempotencyIndexes,
} from './submissions/idempotency.js';
import { type SubmissionCollection, submissionCollection, submissionIndexes } from './submissions/model.js';
import { type KeptFileCollection, keptFileCollection, keptFileIndexes } from './files/model.js';
import {
  type CommentCollection,
  type ReviewRequestCollection,
  commentCollection,
  commentIndexes,
  reviewRequestCollection,
  reviewRequestIndexes,
} from './reviews/model.js';
import {
  type CourseCollection,
  type EnrolmentCollection,
  courseCollection,
  courseIndexes,
  enrolmentCollection,
  enrolmentIndexes,
} from './courses/model.js';
import { type UserModel, userModel } from './users/model.js';

/** The collections. */
export interface Stores {
  users: UserModel;
  courses: CourseCollection;
  enrolments: EnrolmentCollection;
  assignments: AssignmentModel;
  stats: StatsModel;
  submissions: SubmissionCollection;
  results: ResultCollection;
  receiptKeys: ReceiptKeyCollection;
  decisions: DecisionCollection;
  keptFiles: KeptFileCollection;
  comments: CommentCollection;
  reviewRequests: ReviewRequestCollection;
  keys: IdempotencyCollection;
  spending: SpendingModel;
  usage: UsageModel;
  deadLetters: DeadLetterModel;
  regrades: RegradeModel;
  regradeItems: RegradeItemModel;
  credentials: CredentialModel;
  invitations: InvitationModel;
  sessions: SessionModel;
  apiKeys: ApiKeyModel;
  signingKeys: SigningKeyModel;
  audit: AuditModel;
  webhooks: WebhookModel;
  deliveries: DeliveryModel;
}

export function openStores(connection: Connection): Stores {
  return {
    users: userModel(connection),
    courses: courseCollection(connection),
    enrolments: enrolmentCollection(connection),
    assignments: assignmentModel(connection),
    stats: statsModel(connection),
    submissions: submissionCollection(connection),
    results: resultCollection(connection),
    receiptKeys: receiptKeyCollection(connection),
    decisions: decisionCollection(connection),
    keptFiles: keptFileCollection(connection),
    comments: commentCollection(connection),
    reviewRequests: reviewRequestCollection(connection),
    keys: idempotencyCollection(connection),
    spending: spendingModel(connection),
    usage: usageModel(connection),
    deadLetters: deadLetterModel(connection),
    regrades: regradeModel(connection),
    regradeItems: regradeItemModel(connection),
    credentials: credentialModel(connection),
    invitations: invitationModel(connection),
    sessions: sessionModel(connection),
    apiKeys: apiKeyModel(connection),
    signingKeys: signingKeyModel(connection),
    audit: auditModel(connection, 'backend'),
    ...webhookModels(connection, 'backend'),
  };
}

/** Creates the indexes that are not there yet; every query of the backend is served by one. */
export async function createIndexes(stores: Stores): Promise<void> {
  const {
    courses,
    enrolments,
    submissions,
    results,
    decisions,
    keys,
    keptFiles,
    comments,
    reviewRequests,
    receiptKeys: _,
    ...models
  } = stores;
  await Promise.all([
    courses.createIndexes(courseIndexes),
    enrolments.createIndexes(enrolmentIndexes),
    submissions.createIndexes(submissionIndexes),
    results.createIndexes(resultIndexes),
    decisions.createIndexes(decisionIndexes),
    keys.createIndexes(idempotencyIndexes),
    keptFiles.createIndexes(keptFileIndexes),
    comments.createIndexes(commentIndexes),
    reviewRequests.createIndexes(reviewRequestIndexes),
    ...Object.values(models).map((model: Pick<Model<unknown>, 'createIndexes'>) => model.createIndexes()),
  ]);
}
