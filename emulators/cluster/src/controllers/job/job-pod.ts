import { cloneJson } from '../../json.js';
import type { NewObject } from '../../store/object-store.js';
import { controllerReference } from '../ownership.js';
import type { Job } from './job.js';
import { INDEX_KEY, isIndexed, TRACKING_FINALIZER } from './job.js';

/** The pod a Job creates; with an index in completion mode Indexed. */
export function newJobPod(job: Job, index: number | undefined): NewObject {
  const { metadata = {}, spec } = cloneJson(job.spec.template);
  const prefix = index === undefined ? job.metadata.name : `${job.metadata.name}-${index}`;
  const indexed = isIndexed(job) && index !== undefined;
  if (indexed) {
    spec.hostname = prefix;
    for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
      container.env = [
        ...(container.env ?? []).filter(({ name }) => name !== 'JOB_COMPLETION_INDEX'),
        {
          name: 'JOB_COMPLETION_INDEX',
          valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: `metadata.labels['${INDEX_KEY}']` } },
        },
      ];
    }
  }
  const mark = indexed ? { [INDEX_KEY]: String(index) } : undefined;
  const annotations = { ...metadata.annotations, ...mark };
  return {
    metadata: {
      generateName: `${prefix}-`,
      namespace: job.metadata.namespace,
      labels: { ...metadata.labels, ...mark },
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ownerReferences: [controllerReference(job)],
      finalizers: [TRACKING_FINALIZER],
    },
    spec,
  };
}
