import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout this package is part of. */
export const repositoryFolder = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** What can be fetched again: never data. */
export const defaultCacheFolder = (): string => join(repositoryFolder, '.cache');

/** What a user would miss: the data of `npm start`. */
export const defaultDataFolder = (): string => join(repositoryFolder, '.cloudemy');
