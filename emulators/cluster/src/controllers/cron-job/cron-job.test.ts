import { until } from '@cloudemy/testing';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClusterAdmission } from '../../admission/cluster-admission.js';
import { fillCluster, NamespaceDefaults } from '../../bootstrap.js';
import { GarbageCollector } from '../../store/garbage-collector.js';
import { Registry } from '../../store/registry.js';
import { seconds } from '../clock.js';
import type { Job } from '../job/job.js';
import { isJob } from '../job/job.js';
import { createControllers } from '../index.js';
import type { CronJob } from './cron-job.js';
import { isCronJob } from './cron-job.js';
import { dueRuns, scheduleFault } from './schedule.js';

const MINUTE = 60_000;
let registry: Registry;
let parts: { close(): void }[];
let now: number;

beforeEach(() => {
  now = Date.now();
  registry = new Registry((store) => new ClusterAdmission(store));
  parts = [new GarbageCollector(registry), new NamespaceDefaults(registry)];
  fillCluster(registry);
  parts.push(createControllers({ store: registry, nodeName: 'none', now: () => now }));
});

afterEach(() => {
  for (const part of parts) {
    part.close();
  }
});

function create(spec: object): void {
  registry.create('cronjobs.batch', {
    metadata: { name: 'nightly', namespace: 'default' },
    spec: {
      schedule: '* * * * *',
      ...spec,
      jobTemplate: {
        metadata: { labels: { team: 'a' } },
        spec: {
          template: {
            spec: {
              restartPolicy: 'Never',
              containers: [{ name: 'a', image: 'busybox', command: ['true'] }],
            },
          },
        },
      },
    },
  });
}

function cronJob(): CronJob {
  const found = registry.get('cronjobs.batch', 'default', 'nightly');
  if (!isCronJob(found)) {
    throw new Error('no CronJob');
  }
  return found;
}

function runs(): Job[] {
  return registry.list('jobs.batch').filter(isJob);
}

/** Lets time pass, and the controller look at it. */
let nudges = 0;
function pass(ms: number): void {
  now += ms;
  registry.update('cronjobs.batch', 'default', 'nightly', (draft) => {
    draft.metadata.annotations = { nudge: String((nudges += 1)) };
  });
}

function end(type: 'Complete' | 'Failed', job = runs().at(-1)): void {
  registry.update('jobs.batch', 'default', job?.metadata.name ?? '', (draft) => {
    draft['status'] = {
      startTime: seconds(now),
      ...(type === 'Complete' ? { completionTime: seconds(now) } : {}),
      conditions: [
        {
          type,
          status: 'True',
          lastProbeTime: '',
          lastTransitionTime: seconds(now),
          reason: '',
          message: '',
        },
      ],
    };
  });
}

function reasons(): string[] {
  return registry.list('events').map((event) => String(event['reason']));
}

describe('a CronJob', () => {
  test('makes a Job that it owns when one is due, named by its minute, and follows it to its end', async () => {
    create({});
    pass(MINUTE);
    const [job] = await until(() => runs().length === 1 && runs());
    const due = Math.floor(now / MINUTE) * MINUTE;
    expect(job?.metadata).toMatchObject({
      name: `nightly-${due / MINUTE}`,
      labels: { team: 'a' },
      annotations: { 'batch.kubernetes.io/cronjob-scheduled-timestamp': seconds(due) },
      ownerReferences: [{ kind: 'CronJob', name: 'nightly', uid: cronJob().metadata.uid, controller: true }],
    });
    const active = await until(() => cronJob().status?.active);
    expect(active).toMatchObject([{ kind: 'Job', name: job?.metadata.name, uid: job?.metadata.uid }]);
    expect(cronJob().status?.lastScheduleTime).toBe(seconds(due));
    end('Complete');
    await until(() => cronJob().status?.lastSuccessfulTime);
    expect(cronJob().status?.active).toBeUndefined();
    expect(reasons()).toEqual(expect.arrayContaining(['SuccessfulCreate', 'SawCompletedJob']));
  });

  test('makes one Job for all the runs that were missed', async () => {
    create({});
    pass(10 * MINUTE);
    await until(() => runs().length === 1);
    pass(MINUTE);
    await until(() => runs().length === 2);
    expect(runs()).toHaveLength(2);
  });

  test.each([
    ['Allow', 2, []],
    ['Forbid', 1, ['JobAlreadyActive']],
  ])('with concurrencyPolicy %s has %i runs at once', async (concurrencyPolicy, count, told) => {
    create({ concurrencyPolicy });
    pass(MINUTE);
    await until(() => runs().length === 1);
    pass(MINUTE);
    await until(() => runs().length === count && told.every((reason) => reasons().includes(reason)));
    expect(runs()).toHaveLength(count);
  });

  test('with concurrencyPolicy Replace removes the run before', async () => {
    create({ concurrencyPolicy: 'Replace' });
    pass(MINUTE);
    const [first] = await until(() => runs().length === 1 && runs());
    pass(MINUTE);
    const [second] = await until(() => runs().length === 1 && runs()[0] !== first && runs());
    expect(second?.metadata.name).not.toBe(first?.metadata.name);
  });

  test('makes nothing while suspended, nor what is later than its starting deadline', async () => {
    create({ suspend: true, startingDeadlineSeconds: 30 });
    pass(2 * MINUTE);
    registry.update('cronjobs.batch', 'default', 'nightly', (draft) => {
      if (isCronJob(draft)) {
        now = Math.floor(now / MINUTE) * MINUTE + 45_000;
        draft.spec.suspend = false;
      }
    });
    await sleep(20);
    expect(runs()).toEqual([]);
    pass(20_000);
    await until(() => runs().length === 1);
  });

  test('keeps as many finished runs as its history limits say', async () => {
    create({ successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 0 });
    for (const [count, type] of [
      [1, 'Complete'],
      [2, 'Complete'],
      [2, 'Failed'],
    ] as const) {
      pass(MINUTE);
      await until(() => runs().length === count);
      end(type);
      await until(() => runs().length === 1 && cronJob().status?.active === undefined);
    }
    expect(runs()[0]?.status?.conditions?.[0]?.type).toBe('Complete');
  });

  test.each([
    [{ schedule: '61 * * * *' }, 'spec.schedule'],
    [{ schedule: '* * * *' }, 'expected exactly 5 fields, found 4'],
    [{ schedule: '@every 5m' }, 'unrecognized descriptor'],
    [{ schedule: '0 0 L * *' }, 'spec.schedule'],
    [{ timeZone: 'Mars/Olympus' }, 'unknown time zone Mars/Olympus'],
    [{ concurrencyPolicy: 'Maybe' }, 'spec.concurrencyPolicy'],
  ])('is refused with %j', (spec, words) => {
    expect(() => create(spec)).toThrow(words);
  });
});

describe('a schedule', () => {
  test('is read in its time zone', () => {
    const after = Date.parse('2026-07-01T00:00:00Z');
    const { next } = dueRuns('30 9 * * *', 'Asia/Seoul', { after, now: after });
    expect(seconds(next)).toBe('2026-07-01T00:30:00Z');
  });

  test('never has a run before it began, after now, or again', () => {
    const field = fc.constantFrom('*', '*/2', '0', '5,35', '1-7');
    const time = fc.integer({ min: 0, max: 4e12 });
    fc.assert(
      fc.property(
        field,
        fc.constantFrom('*', '*/2', '0', '5,23', '1-7'),
        time,
        fc.integer({ min: 0, max: 40 * 86_400_000 }),
        (minute, hour, after, span) => {
          const now = after + span;
          const { last, next, missed } = dueRuns(`${minute} ${hour} * * *`, undefined, { after, now });
          expect(next).toBeGreaterThan(now);
          expect(missed > 0).toBe(last !== undefined);
          expect(last === undefined || (last > after && last <= now)).toBe(true);
        },
      ),
    );
  });

  test.each(['@hourly', '@midnight', '*/2 * * * *', '0 0 1 JAN SUN', '0 12 * * 7'])(
    '%s is one',
    (schedule) => {
      expect(scheduleFault(schedule)).toBeUndefined();
      expect(dueRuns(schedule, undefined, { after: 0, now: 0 }).next).toBeGreaterThan(0);
    },
  );
});
