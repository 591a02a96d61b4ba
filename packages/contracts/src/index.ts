export * from './primitives.js';
export * from './markdown.js';
export * from './problem.js';
export * from './users.js';
export * from './accounts/sessions.js';
export * from './accounts/api-keys.js';
export * from './assignments.js';
export * from './assignment-stats.js';
export * from './attempts.js';
export * from './grades.js';
export * from './files.js';
export * from './receipts.js';
export * from './submissions.js';
export * from './regrades.js';
export * from './reviews.js';
export * from './webhooks.js';
export { ExitCode } from './grading/exit-codes.js';
export {
  type ClusterReason,
  type FailureDefinition,
  type GracePeriod,
  failures,
  gracePeriods,
} from './grading/failures.js';
export * from './grading/failure.js';
export * from './grading/failures-document.js';
export * from './grading/result.js';
export * from './grading/transcript.js';
export * from './grading/queue.js';
export * from './grading/runner-record.js';
export * from './grading/runner-env.js';
export * from './grading/holds.js';
export * from './grading/internal.js';
export * from './grading/fairness.js';
export * from './grading/dead-letters.js';
export * from './grading/redis-users.js';
export * from './deployer/names.js';
export * from './deployer/objects.js';
export * from './deployer/deployments.js';
export * from './deployer/jobs.js';
export * from './deployer/logs.js';
export * from './deployer/terminals.js';
export * from './deployer/terminal-frames.js';
export * from './deployer/status.js';
export * from './audit/record.js';
export * from './audit/rules.js';
export * from './http/route.js';
export * from './http/openapi.js';
export * from './http/client.js';
export * from './apis/accounts.js';
export * from './apis/audit.js';
export * from './apis/backend-internal.js';
export * from './apis/backend.js';
export * from './apis/deployer.js';
export * from './apis/reviews.js';
export * from './apis/webhooks.js';
export * from './access/rule.js';
export * from './access/backend.js';
export * from './access/deployer.js';
export * from './access/open-paths.js';
export * from './access/document.js';
