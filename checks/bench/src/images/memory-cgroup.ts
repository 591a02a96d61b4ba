import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const MiB = 1_048_576;
const v1 = '/sys/fs/cgroup/memory';
const v2 = '/sys/fs/cgroup';

/** A memory cgroup of its own, as the kubelet gives each container; for root on Linux only. */
export class MemoryCgroup {
  readonly folder: string;

  /** @throws Error when this process may not make one */
  constructor(name: string) {
    this.folder = join(existsSync(v1) ? v1 : v2, `cloudemy-${name}-${process.pid}`);
    mkdirSync(this.folder);
  }

  add(pid: number): void {
    writeFileSync(join(this.folder, 'cgroup.procs'), String(pid));
  }

  /** What Kubernetes counts: usage less the file pages that can go. In MiB. */
  get workingSetMiB(): number {
    const usage = Number(this.#read('memory.usage_in_bytes') ?? this.#read('memory.current'));
    const stat = this.#read('memory.stat') ?? '';
    const inactive =
      /^total_inactive_file (\d+)$/m.exec(stat)?.[1] ?? /^inactive_file (\d+)$/m.exec(stat)?.[1];
    return (usage - Number(inactive ?? 0)) / MiB;
  }

  /** Once its processes have ended. */
  remove(): void {
    rmdirSync(this.folder);
  }

  #read(file: string): string | undefined {
    const path = join(this.folder, file);
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  }
}
