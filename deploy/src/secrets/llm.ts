import { readFile } from 'node:fs/promises';
import type { ClusterObjects } from '../cluster/cluster-objects.js';
import { SecretMissing } from './internal.js';
import { type Secret, secretOf, valuesOf } from './secret.js';

const namespace = 'cloudemy-runners';
const name = 'cloudemy-llm';
const key = 'api-key';

/** Any will do for the emulator, which asks for one as the real service does. */
const emulatorKey = 'emulator';

/**
 * The key of the LLM, where runner Jobs refer to it: from a file, for the emulator, or as it is in the cluster.
 *
 * @throws SecretMissing when none of these gives one
 */
export async function llmSecret(
  objects: ClusterObjects,
  choice: { keyFile: string | undefined; emulator: boolean },
): Promise<Secret> {
  if (choice.keyFile !== undefined) {
    const value = (await keyIn(choice.keyFile)).trim();
    if (value === '') throw new SecretMissing(`${choice.keyFile} is empty; it must hold the key of the LLM.`);
    return secretOf(namespace, name, { [key]: value }, 'runner');
  }
  if (choice.emulator) return secretOf(namespace, name, { [key]: emulatorKey }, 'runner');
  const present = valuesOf(await objects.read(secretOf(namespace, name, {})))[key];
  if (present === undefined) {
    throw new SecretMissing(
      'Say who grades: --llm-key-file FILE with the key of the LLM, or --llm-emulator to try it without one. ' +
        `(Or make the Secret ${namespace}/${name} with the key ${key} yourself.)`,
    );
  }
  return secretOf(namespace, name, { [key]: present }, 'runner');
}

async function keyIn(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const why =
      error instanceof Error && 'code' in error && error.code === 'ENOENT'
        ? 'there is no such file'
        : String(error);
    throw new SecretMissing(
      `--llm-key-file ${file}: ${why}. It must be a file that holds the key of the LLM.`,
      {
        cause: error,
      },
    );
  }
}
