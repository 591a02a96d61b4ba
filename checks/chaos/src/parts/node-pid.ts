import { readFile } from 'node:fs/promises';

/** The program that a supervised process runs: its parent is the shell that watches over it. Linux alone tells. */
export async function nodePid(supervisor: number): Promise<number | undefined> {
  const children = await readFile(`/proc/${supervisor}/task/${supervisor}/children`, 'utf8').catch(() => '');
  for (const pid of children.split(' ').filter(Boolean)) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes('\0--enable-source-maps\0')) return Number(pid);
  }
  return undefined;
}
