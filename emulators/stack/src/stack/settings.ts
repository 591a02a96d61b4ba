import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a stack is made with once and keeps with its data. */
export interface StackSettings {
  /** Tells its objects in a cluster from those of every other installation (ADR 14). */
  instance: string;
  /** What the services share and nobody else may know. */
  serviceToken: string;
  resultTokenSecret: string;
  /** For `AUTH_MODE=jwt`: what seals the keys of the backend, and the password of the first administrator. */
  authSecret: string;
  adminPassword: string;
}

/**
 * Reads the settings kept in a folder, and makes those that are missing.
 *
 * @param instancePrefix how a new instance's name begins
 */
export async function loadSettings(folder: string, instancePrefix = 'cloudemy'): Promise<StackSettings> {
  const file = join(folder, 'secrets.json');
  const known = (await readFile(file, 'utf8').then(JSON.parse, () => undefined)) as unknown;
  const kept = (name: keyof StackSettings, fresh: () => string): string => {
    const value: unknown = typeof known === 'object' && known !== null ? Reflect.get(known, name) : undefined;
    return typeof value === 'string' ? value : fresh();
  };
  const settings = {
    instance: kept('instance', () => `${instancePrefix}-${randomBytes(4).toString('hex')}`),
    serviceToken: kept('serviceToken', () => randomBytes(32).toString('hex')),
    resultTokenSecret: kept('resultTokenSecret', () => randomBytes(32).toString('hex')),
    authSecret: kept('authSecret', () => randomBytes(32).toString('hex')),
    adminPassword: kept('adminPassword', () => randomBytes(16).toString('hex')),
  };
  await mkdir(folder, { recursive: true });
  await writeFile(file, `${JSON.stringify(settings)}\n`, { mode: 0o600 });
  return settings;
}
