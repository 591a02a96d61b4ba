export * from './objects/types.js';
export * from './objects/names.js';
export * from './cluster/errors.js';
export { clusterSourceFrom, runsInCluster, type ClusterSource } from './cluster/kubeconfig.js';
export { connectCluster, type Cluster, type ConnectOptions } from './cluster/connect-cluster.js';
export { exchange, type Exchanged } from './cluster/exchange.js';
export * from './cluster/resource-path.js';
export {
  KubeApi,
  type ApplyOptions,
  type CallOptions,
  type DeleteOptions,
  type ListOptions,
  type PatchType,
  type WriteOptions,
  type Written,
} from './cluster/kube-api.js';
export { watchResource, type ResourceWatch, type WatchResourceOptions } from './watch/watch-resource.js';
export { objectKey, type WatchHandlers } from './watch/object-cache.js';
export type { JobOutcome, JobPhase, JobReason, Problem } from './jobs/outcome.js';
export { describeJob } from './jobs/describe-job.js';
export { lastEndAnnotation, lastEndOf } from './jobs/last-end.js';
export { findPodProblem } from './jobs/pod-problem.js';
export { signalName, signalOfExitCode } from './jobs/exit-code.js';
export * from './jobs/job-api.js';
export { eventsOfJob, readJobEvents } from './jobs/job-events.js';
export { LeaderElection, type LeaderElectionOptions } from './lease/leader-election.js';
export {
  checkPermissions,
  describeRequirement,
  type Permission,
  type Requirement,
} from './permissions/check-permissions.js';
export * from './objects/field-path.js';
export {
  DEFAULT_MANIFEST_LIMITS,
  type ManifestLimits,
  type ParsedManifests,
  parseManifests,
} from './manifests/parse-manifests.js';
export { withoutExported } from './manifests/exported.js';
export type { ManifestDocument } from './manifests/document.js';
export type { ManifestProblem, ManifestProblemCode, Position } from './manifests/problem.js';
export { CHECKED_KINDS, DEFAULT_POLICY, type Policy, matches } from './policy/policy.js';
export type { PolicyFinding, PolicyRule } from './policy/findings.js';
export { checkPolicy } from './policy/check-policy.js';
export { kindWithGroup } from './policy/find-pod-specs.js';
export { withDefaults } from './apply/defaults.js';
export { type ApiResource, Discovery } from './apply/discovery.js';
export {
  type Applied,
  applyDocument,
  type ApplyDocumentOptions,
  FIELD_MANAGER,
  findResource,
} from './apply/apply-document.js';
export {
  type DeleteObjectOptions,
  deleteObject,
  type Deletion,
  type ObjectReference,
  readObject,
} from './apply/delete-object.js';
export { ApplyError, type ServerProblem, type ServerProblemCode } from './apply/server-problem.js';
export { openLog, readLog, type LogOptions } from './logs/open-log.js';
export { LogUnavailableError, type LogUnavailableCode } from './logs/log-error.js';
export { openExec, type ExecOptions } from './exec/open-exec.js';
export type { ExecConnection } from './exec/exec-connection.js';
export type { ExecExit } from './exec/exec-status.js';
