import { type KubeApi, openLog } from '@cloudemy/k8s';

/**
 * The log of a script's pod, passed on line by line and each line once. In the first second of a pod an API server may
 * know no log of it, and a stream breaks when a kubelet restarts: then it is read again, past what was passed on.
 */
export class ScriptLog {
  readonly #api: KubeApi;
  readonly #namespace: string;
  readonly #onLine: (line: string, pod: string) => void;
  /** Lines passed on, by pod. */
  readonly #passed = new Map<string, number>();

  constructor(api: KubeApi, namespace: string, onLine: (line: string, pod: string) => void) {
    this.#api = api;
    this.#namespace = namespace;
    this.#onLine = onLine;
  }

  /** Passes on what a pod writes until its log ends or cannot be read; nothing of that is an error. */
  async readOn(pod: string): Promise<void> {
    let number = 0;
    let rest = '';
    try {
      const log = await openLog(this.#api, { namespace: this.#namespace, pod, follow: true });
      log.setEncoding('utf8');
      for await (const piece of log) {
        const lines = `${rest}${String(piece)}`.split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          number += 1;
          if (number <= (this.#passed.get(pod) ?? 0)) continue;
          this.#passed.set(pod, number);
          this.#onLine(line, pod);
        }
      }
    } catch {
      // Whether there is anything to wait for, the Job says.
    }
  }
}
