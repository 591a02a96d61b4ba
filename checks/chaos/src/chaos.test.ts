import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { brokenPromises } from './check/report.js';
import { readEnvironment } from './environment.js';
import { type World, startWorld } from './parts/world.js';
import { planFaults, planRolling } from './plan/plan.js';
import { run } from './run.js';

/** The asserts are about what comes out. How long that takes is the machine's business. */
const timeoutMs = 400_000;

let folder: string;
let world: World;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cloudemy-chaos-'));
  world = await startWorld(folder, readEnvironment({}));
}, timeoutMs);
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true, force: true });
}, timeoutMs);

/** What was said, to be shown when a promise was broken. */
const said: string[] = [];
const say = (line: string): void => void said.push(line);

test(
  'a rollout of every service under load fails no submission',
  async () => {
    const report = await run(world, { submissions: 24, seed: 0, plan: planRolling(), say });
    expect([brokenPromises(report, true), said]).toEqual([[], said]);
    expect(report).toMatchObject({ submitted: 24, graded: 24, faults: 4 });
  },
  timeoutMs,
);

test(
  'whatever dies, every acknowledged submission ends once, and nothing is left over',
  async () => {
    // Without the proxy before the cluster: what the deployer passes on of its answers is for the long runs to look at.
    const plan = planFaults(228, 9, 'embedded').filter(({ disturbance }) => !('before' in disturbance));
    const report = await run(world, { submissions: 30, seed: 228, plan, cancelEvery: 10, say });
    expect([brokenPromises(report, false), said]).toEqual([[], said]);
    expect(report.submitted).toBe(30);
    expect(report.graded + report.failed_with_reason + report.cancelled).toBe(30);
  },
  timeoutMs,
);
