import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function exists(path: string): boolean {
  try {
    statSync(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * Why a program cannot be executed in a container, in the words of the container runtime; undefined when it
 * can be. `root` is the container's root as seen from outside, '' where it is the machine's own.
 */
export function whyNotExecutable(
  command: string,
  root: string,
  workingDir: string,
  path: string | undefined,
): string | undefined {
  if (command.includes('/')) {
    const file = join(root, isAbsolute(command) ? command : join(workingDir, command));
    if (!exists(file)) {
      return `exec: "${command}": stat ${command}: no such file or directory`;
    }
    return executable(file) ? undefined : `exec: "${command}": permission denied`;
  }
  const found = (path ?? '').split(':').some((folder) => executable(join(root, folder, command)));
  return found ? undefined : `exec: "${command}": executable file not found in $PATH`;
}
