import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from '@cloudemy/testing';
import { deployerApi } from '@cloudemy/contracts';
import { documentedFetch } from '@cloudemy/service/testing';

/** The program as `npm run build` leaves it. */
const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** A deployer as a process of its own that is restarted as a rollout of one replica does: always at the same address. */
export class RunningDeployer {
  readonly url: string;
  /** Checks every answer against the OpenAPI document. */
  readonly fetch: typeof fetch;
  private child: ChildProcess | undefined;

  private readonly port: number;
  private readonly env: Record<string, string>;

  private constructor(port: number, env: Record<string, string>) {
    this.port = port;
    this.env = env;

    this.url = `http://127.0.0.1:${port}`;
    this.fetch = documentedFetch(deployerApi, this.url);
  }

  static async start(env: Record<string, string>): Promise<RunningDeployer> {
    const deployer = new RunningDeployer(await freePort(), env);
    await deployer.launch();
    return deployer;
  }

  /** Told to end, waited for, and started again. @returns its exit code */
  async restart(): Promise<number | null> {
    const code = await this.end('SIGTERM');
    await this.launch();
    return code;
  }

  /** @returns its exit code; null when it was killed */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null) return child?.exitCode ?? null;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
    return child.exitCode;
  }

  private async launch(): Promise<void> {
    const env = { ...this.env, PORT: String(this.port) };
    this.child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    while (!(await this.isReady())) await new Promise((resolve) => setTimeout(resolve, 50));
  }

  private async isReady(): Promise<boolean> {
    if (this.child?.exitCode !== null) throw new Error(`the deployer ended with ${this.child?.exitCode}`);
    return fetch(`${this.url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  }
}
