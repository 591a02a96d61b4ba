import type { CallOptions, KubeApi } from '../cluster/kube-api.js';
import { EVENTS, resourcePath } from '../cluster/resource-path.js';
import type { Job, KubeEvent, KubeObject, Pod } from '../objects/types.js';

/** Pods beyond these are not asked about: of many pods of one Job the troubles are alike. */
const PODS_LOOKED_AT = 5;

/**
 * The Warning events of a Job and its pods, for `describeJob`. With no pods left, those of any pod named
 * after the Job. Costs one request and one per pod; ask only about Jobs in trouble.
 */
export async function readJobEvents(
  api: KubeApi,
  job: Job,
  pods: readonly Pod[],
  options: CallOptions = {},
): Promise<KubeEvent[]> {
  const { namespace, name = '' } = job.metadata;
  const path = resourcePath(EVENTS, { namespace });
  const list = async (fieldSelector: string) =>
    (
      await api.list<KubeEvent>(path, {
        ...options,
        fieldSelector: `type=Warning,${fieldSelector}`,
        limit: 500,
      })
    ).items;
  const ofPods =
    pods.length === 0
      ? list('involvedObject.kind=Pod').then((events) => events.filter((event) => isPodOf(name, event)))
      : Promise.all(pods.slice(-PODS_LOOKED_AT).map((pod) => list(`involvedObject.uid=${uidOf(pod)}`)));
  const [own, others] = await Promise.all([list(`involvedObject.uid=${uidOf(job)}`), ofPods]);
  return [...own, ...others.flat()];
}

/** Of the events of a namespace those about a Job and its pods; with no pods left, those of any pod named after it. */
export function eventsOfJob(job: Job, pods: readonly Pod[], events: readonly KubeEvent[]): KubeEvent[] {
  const uids = new Set([job, ...pods].map((object) => uidOf(object)));
  return events.filter(
    (event) =>
      uids.has(event.involvedObject.uid ?? '') ||
      (pods.length === 0 && event.involvedObject.kind === 'Pod' && isPodOf(job.metadata.name ?? '', event)),
  );
}

function uidOf(object: KubeObject): string {
  return object.metadata.uid ?? '';
}

/** The Job controller names pods after the Job plus five random characters. */
function isPodOf(job: string, event: KubeEvent): boolean {
  const name = event.involvedObject.name ?? '';
  return name.startsWith(`${job}-`) && name.length === job.length + 6;
}
