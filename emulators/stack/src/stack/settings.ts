import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../processes/error-code.js';

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
 * @throws Error when there is a file that cannot be read: new secrets would not open what the old ones sealed
 */
export async function loadSettings(folder: string, instancePrefix = 'cloudemy'): Promise<StackSettings> {
  const file = join(folder, 'secrets.json');
  const known = await readKnown(file);
  const kept = (name: keyof StackSettings, fresh: () => string): string => {
    const value: unknown = Reflect.get(known, name);
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
  // Written beside it and put in its place, so that a full disk or a kill leaves no half of it.
  await writeFile(`${file}.new`, `${JSON.stringify(settings)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return settings;
}

async function readKnown(file: string): Promise<object> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return {};
    throw error;
  }
  try {
    const known: unknown = JSON.parse(text);
    if (typeof known === 'object' && known !== null) return known;
  } catch {
    // Said below.
  }
  throw new Error(
    `${file} holds the secrets of this stack and is ${text.trim() === '' ? 'empty' : 'damaged'}. Put a copy of it ` +
      'in its place, or remove the whole folder to begin anew: without these secrets its data cannot be opened.',
  );
}
