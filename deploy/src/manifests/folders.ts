import { fileURLToPath } from 'node:url';

/** The folder `deploy/`, from the sources and from what is built of them. */
export const deployFolder = fileURLToPath(new URL('../..', import.meta.url));
