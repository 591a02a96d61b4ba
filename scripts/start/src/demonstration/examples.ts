import { readFile, readdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { AssignmentCreate } from '@cloudemy/contracts';

export interface ExampleProgram {
  file: string;
  code: string;
}

export interface Example {
  assignment: AssignmentCreate;
  programs: ExampleProgram[];
}

/** Good first, then what goes wrong. */
const order = ['good', 'flawed', 'manipulating'];

/**
 * Reads one example assignment with the programs handed in for it.
 *
 * @throws ZodError when the assignment does not fit the contract.
 */
export async function readExample(folder: string, name: string): Promise<Example> {
  const assignment = AssignmentCreate.parse(
    JSON.parse(await readFile(join(folder, 'assignments', `${name}.json`), 'utf8')),
  );
  const submissions = join(folder, 'submissions', name);
  const files = await readdir(submissions);
  const rank = (file: string): number => order.indexOf(basename(file, extname(file)));
  return {
    assignment,
    programs: await Promise.all(
      files
        .toSorted((a, b) => rank(a) - rank(b))
        .map(async (file) => ({ file, code: await readFile(join(submissions, file), 'utf8') })),
    ),
  };
}
