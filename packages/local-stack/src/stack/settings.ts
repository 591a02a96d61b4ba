import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the services share and nobody else may know; made once and kept with the data. */
export interface StackSecrets {
  serviceToken: string;
  resultTokenSecret: string;
}

/** Reads the secrets kept in a folder, or makes them. */
export async function loadSecrets(folder: string): Promise<StackSecrets> {
  const file = join(folder, 'secrets.json');
  const known = (await readFile(file, 'utf8').then(JSON.parse, () => undefined)) as unknown;
  if (isSecrets(known)) return known;
  const secrets = {
    serviceToken: randomBytes(32).toString('hex'),
    resultTokenSecret: randomBytes(32).toString('hex'),
  };
  await mkdir(folder, { recursive: true });
  await writeFile(file, `${JSON.stringify(secrets)}\n`, { mode: 0o600 });
  return secrets;
}

function isSecrets(value: unknown): value is StackSecrets {
  return (
    typeof value === 'object' &&
    value !== null &&
    'serviceToken' in value &&
    typeof value.serviceToken === 'string' &&
    'resultTokenSecret' in value &&
    typeof value.resultTokenSecret === 'string'
  );
}
