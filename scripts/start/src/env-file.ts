import { writeFile } from 'node:fs/promises';

/**
 * Writes variables to a file for a shell to read: `. FILE`. Only its owner may read it, as some are secrets.
 *
 * @throws Error of the file system
 */
export async function writeEnvFile(
  file: string,
  values: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const lines = Object.entries(values).map(([name, value]) =>
    value === undefined ? '' : `export ${name}=${quoted(value)}\n`,
  );
  await writeFile(file, lines.join(''), { mode: 0o600 });
}

/** As a shell takes it to the letter: only `'` ends what is between two of them. */
const quoted = (value: string): string => `'${value.replaceAll("'", String.raw`'\''`)}'`;
