import { setTimeout as wait } from 'node:timers/promises';
import { ProblemAnswer } from '@cloudemy/contracts';
import { deployerOf } from '../load/benchmarks.js';
import type { World } from '../parts/world.js';

/** So many that the deployer is in the middle of them for a while. */
const documents = 60;
const latestMs = 500;
/** A deployment is let go within 15 s of its deployer's death; what disturbs the next one at that time comes on top. */
const letGoMs = 90_000;
const everyMs = 500;

/**
 * Kills the deployer in the middle of a deploy, starts it, and deletes what there is of it: that must be possible soon.
 *
 * @param pick from 0 up to 1: how far it gets
 * @returns false when there is no deployer
 */
export async function dieInDeploy(world: World, pick: number): Promise<boolean> {
  const part = world.parts.get('deployer');
  if (part === undefined) return false;
  const deployer = deployerOf(world);
  const run = `half-${Math.floor(pick * 1e9)}`;
  const body = { namespace: world.namespace, yaml_content: manyDocuments(run) };
  const deploying = deployer.deploy({ body: { ...body, dry_run: false, force: false } }).catch(() => {});
  await wait(pick * latestMs);
  if (!(await part.kill())) return false;
  await deploying;
  await part.start();
  const until = performance.now() + letGoMs;
  for (;;) {
    try {
      await deployer.deleteByYaml({ body });
      return true;
    } catch (error) {
      // It died before it began.
      if (error instanceof ProblemAnswer && error.status === 404) return true;
      if (performance.now() > until) {
        world.findings.push(`a deploy whose deployer died cannot be deleted: ${String(error)}`);
        return true;
      }
      await wait(everyMs);
    }
  }
}

const manyDocuments = (run: string): string =>
  Array.from(
    { length: documents },
    (_, index) =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${run}-${index}\ndata:\n  a: "${index}"\n`,
  ).join('---\n');
