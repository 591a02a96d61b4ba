import type { ObjectStore } from '../store/object-store.js';
import { CronJobController } from './cron-job/cron-job-controller.js';
import { DeploymentController } from './deployment/deployment-controller.js';
import { ReplicaSetController } from './deployment/replica-set-controller.js';
import { JobController } from './job/job-controller.js';
import { PodIndex } from './pod-index.js';
import { Scheduler } from './scheduler/scheduler.js';
import { EndpointsController } from './service/endpoints-controller.js';
import { StatefulSetController } from './stateful-set/stateful-set-controller.js';
import type { Timing } from './timing.js';
import { recordedTiming } from './timing.js';
import { VolumeController } from './volume/volume-controller.js';

export interface ControllersOptions {
  store: ObjectStore;
  /** Name of the node that pods are bound to. */
  nodeName: string;
  timing?: Timing;
  /** Where persistent volumes lie; without it none are made. */
  volumesFolder?: string;
  /** The time by which CronJobs are due; tests set it. */
  now?: () => number;
  /** Told of faults in the controllers themselves; what they were at is tried again. */
  report?: (what: string, error: unknown) => void;
}

export interface Controllers {
  close(): void;
}

/** Starts scheduler and controllers on a store. They react to its changes until closed. */
export function createControllers(options: ControllersOptions): Controllers {
  const { store, nodeName, timing = recordedTiming, report = () => {} } = options;
  const pods = new PodIndex(store);
  const parts = [
    new JobController(store, pods, timing, report),
    new CronJobController(store, options.now ?? Date.now, report),
    new DeploymentController(store, report),
    new ReplicaSetController(store, pods, timing, report),
    new StatefulSetController(store, pods, timing, report),
    new VolumeController(store, options.volumesFolder, report),
    new EndpointsController(store, report),
    new Scheduler(store, nodeName),
  ];
  const unsubscribe = store.subscribe((event) => {
    pods.apply(event);
    for (const part of parts) {
      part.apply(event);
    }
  });
  return {
    close: () => {
      unsubscribe();
      for (const part of parts) {
        part.close();
      }
    },
  };
}
