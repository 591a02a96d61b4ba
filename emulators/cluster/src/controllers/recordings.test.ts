import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { ClusterAdmission } from '../admission/cluster-admission.js';
import { fillCluster, NamespaceDefaults } from '../bootstrap.js';
import type { Kubelet } from '../kubelet/index.js';
import { createKubelet, describeNode, ImageTable } from '../kubelet/index.js';
import { GarbageCollector } from '../store/garbage-collector.js';
import { Registry } from '../store/registry.js';
import { createControllers } from './index.js';
import { isJob } from './job/job.js';
import type { Act, Recording } from './testing/scenario.js';
import { differences, Scenario } from './testing/scenario.js';
import { scaledTiming } from './timing.js';

/** Milliseconds one play may take, and how often one is played. */
const LIMIT = 20_000;
const PLAYS = 3;
const folder = new URL('./fixtures/', import.meta.url);

/** The container ends faster than in a real cluster: states in between cannot be seen. */
const tooQuick = ['exit-1-on-failure'];

/** Which pods are counted together, and whether they have gone by then, depends on how fast it goes. */
const batched = ['pod-deleted-by-hand', 'parallelism-2-completions-3', 'indexed'];

/** What was slept through for the recorder's sake is made short. */
function load(name: string): Recording {
  const text = readFileSync(new URL(`${name}.json`, folder), 'utf8')
    .replaceAll(/sleep ([1-9])\b/g, (_, seconds: string) => `sleep ${Number(seconds) * 0.3}`)
    .replace('"activeDeadlineSeconds": 20', '"activeDeadlineSeconds": 2');
  const recording: Recording = JSON.parse(text);
  if (batched.includes(name)) {
    recording.jobs = recording.jobs.filter((status) => !status.includes('uncounted'));
  }
  return tooQuick.includes(name) ? { ...recording, pods: {} } : recording;
}

const registry = new Registry((store) => new ClusterAdmission(store));
const parts = [new GarbageCollector(registry), new NamespaceDefaults(registry)];
/** Back-offs are short; pod changes come together as they did in the recorded cluster. */
const timing = { ...scaledTiming(0.02), jobBatch: 400, jobBackoff: 1500 };
let kubelet: Kubelet;
let controllers: ReturnType<typeof createControllers>;
const faults: unknown[] = [];

function setSuspended(namespace: string, name: string, suspend: boolean): void {
  registry.update('jobs.batch', namespace, name, (draft) => {
    if (isJob(draft)) {
      draft.spec.suspend = suspend;
    }
  });
}

/** Does each step once, when its time has come. */
function steps(...list: ((...of: Parameters<Act>) => boolean)[]): Act {
  let next = 0;
  return (job, pods) => {
    if (list[next]?.(job, pods) === true) {
      next += 1;
    }
  };
}

/** Acts after the event that made it do so has been told to everybody. */
function later(action: () => void): true {
  setImmediate(action);
  return true;
}

/** What somebody does meanwhile; each play needs one of its own, for it remembers how far it has come. */
const actOf = (name: string): Act | undefined => acts[name]?.();

const acts: Record<string, () => Act> = {
  'pod-deleted-by-hand': () =>
    steps(({ status }, [pod]) => {
      const { namespace, name } = pod?.metadata ?? { name: '' };
      return status?.ready === 1 && later(() => registry.delete('pods', namespace, name));
    }),
  'missing-secret-env': () =>
    steps((job, [pod]) => {
      const reason = pod?.status?.containerStatuses?.[0]?.state.waiting?.reason;
      const metadata = { name: 'not-there', namespace: job.metadata.namespace };
      return (
        reason === 'CreateContainerConfigError' &&
        later(() => registry.create('secrets', { metadata, stringData: { k: 'v' } }))
      );
    }),
  'suspend-resume': () =>
    steps(
      ({ metadata: { namespace = '', name }, status }) =>
        status?.conditions?.[0]?.status === 'True' && later(() => setSuspended(namespace, name, false)),
      // Ready for a while: its trap is set.
      ({ metadata: { namespace = '', name }, status }) =>
        status?.ready === 1 && later(() => setSuspended(namespace, name, true)),
      ({ metadata: { namespace = '', name }, status }, pods) =>
        pods.length === 0 &&
        status?.terminating === 0 &&
        status.conditions?.[0]?.status === 'True' &&
        later(() => setSuspended(namespace, name, false)),
    ),
};

/** Where the machine offers no namespaces, containers cannot have files at paths of their own. */
const needView = ['termination-message'];
const names = readdirSync(folder).map((file) => file.replace('.json', ''));
const scenarios = new Map<string, Scenario>();

beforeAll(async () => {
  fillCluster(registry);
  kubelet = await createKubelet({
    store: registry,
    timing,
    node: describeNode({ cpu: 4 }),
    images: new ImageTable([{ pattern: 'busybox:latest', image: { command: ['sh'] } }]),
  });
  controllers = createControllers({
    store: registry,
    nodeName: kubelet.node.name,
    timing,
    report: (_, error) => faults.push(error),
  });
  for (const name of names) {
    scenarios.set(name, new Scenario(registry, `rec-${name}`, load(name), actOf(name)));
  }
});

afterAll(async () => {
  controllers.close();
  await kubelet.close();
  for (const part of parts) {
    part.close();
  }
});

/** Waits for all that was recorded, and says what has not come, and which events nobody had recorded. */
async function play(name: string, scenario: Scenario | undefined) {
  const recording = load(name);
  await scenario?.settled(LIMIT);
  const { seen = { jobs: [], pods: {}, events: [] } } = scenario ?? {};
  const lacking = differences(recording, seen);
  const invented = tooQuick.includes(name)
    ? []
    : seen.events.filter((event) => !recording.events.includes(event));
  const same = lacking.length === 0 && invented.length === 0;
  return { same, lacking, invented, seen: same ? undefined : seen };
}

describe('a Job goes through the states of a real cluster', () => {
  test.each(names)(
    '%s',
    async (name) => {
      if (kubelet.isolation === 'plain' && needView.includes(name)) {
        return;
      }
      let outcome = await play(name, scenarios.get(name));
      // A busy machine lets changes come together that were apart in the recording. What did is played again, with
      // less beside it; a state that the cluster never shows is missed each time.
      for (let plays = 1; plays < PLAYS && !outcome.same; plays += 1) {
        outcome = await play(name, new Scenario(registry, `rec-${name}-${plays}`, load(name), actOf(name)));
      }
      expect(outcome).toEqual({ same: true, lacking: [], invented: [], seen: undefined });
    },
    PLAYS * (LIMIT + 5000),
  );

  test('no controller has met with a fault', () => {
    expect(faults).toEqual([]);
  });
});
