import { isObject } from '../../json.js';
import type { JsonObject } from '../../json.js';
import type { KubeObject } from '../../objects.js';
import { ensureObject, setDefaults } from './set.js';

const QUICK = { periodSeconds: 15 };

/** The rules of one direction, where `behavior` is said at all. */
function defaultRules(behavior: JsonObject, direction: 'scaleUp' | 'scaleDown'): void {
  const up = direction === 'scaleUp';
  setDefaults(ensureObject(behavior, direction), {
    ...(up ? { stabilizationWindowSeconds: 0 } : {}),
    selectPolicy: 'Max',
    policies: [
      ...(up ? [{ type: 'Pods', value: 4, ...QUICK }] : []),
      { type: 'Percent', value: 100, ...QUICK },
    ],
  });
}

export function defaultAutoscaler(autoscaler: KubeObject): void {
  const spec = ensureObject(autoscaler, 'spec');
  setDefaults(spec, {
    minReplicas: 1,
    metrics: [
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
      },
    ],
  });
  const { behavior } = spec;
  if (isObject(behavior)) {
    defaultRules(behavior, 'scaleUp');
    defaultRules(behavior, 'scaleDown');
  }
  setDefaults(ensureObject(autoscaler, 'status'), { desiredReplicas: 0, currentMetrics: null });
}
