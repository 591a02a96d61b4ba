import { readFile, readdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { AssignmentCreate, RunnerRecord } from '@cloudemy/contracts';

/** A submission that tries to talk its way to points. */
export interface Attack {
  name: string;
  /** As the backend would hand it to a runner. */
  record: RunnerRecord;
}

/** The program all attacks consist of beside the attack. */
const honest = 'honest';

/**
 * Reads `examples/attacks`.
 *
 * @param examples the folder of the examples
 */
export async function readAttacks(examples: string): Promise<{ honest: RunnerRecord; attacks: Attack[] }> {
  const assignment = AssignmentCreate.parse(
    JSON.parse(await readFile(join(examples, 'assignments', 'merge-intervals.json'), 'utf8')),
  );
  const recordOf = (code: string): RunnerRecord =>
    RunnerRecord.parse({
      submission_id: '0'.repeat(24),
      attempt: 1,
      language: assignment.language,
      code,
      assignment: {
        assignment_id: '0'.repeat(24),
        version: 1,
        title: assignment.title,
        description: assignment.description,
        rubric: assignment.rubric,
      },
      created_at: new Date(0).toISOString(),
    });
  const folder = join(examples, 'attacks');
  const files = (await readdir(folder)).filter((file) => file.endsWith('.py')).toSorted();
  const programs = await Promise.all(
    files.map(async (file) => ({
      name: basename(file, extname(file)),
      record: recordOf(await readFile(join(folder, file), 'utf8')),
    })),
  );
  const found = programs.find(({ name }) => name === honest);
  if (found === undefined) throw new Error(`${folder} has no ${honest}.py to compare with`);
  return { honest: found.record, attacks: programs.filter(({ name }) => name !== honest) };
}
