import { readFile, rename, writeFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';
import { z } from 'zod';

const Kubeconfig = z.looseObject({
  clusters: z.array(z.looseObject({ cluster: z.looseObject({ server: z.url() }) })),
});

/**
 * Copies the kubeconfig of the embedded cluster with the address of a relay. Its clients read the token again
 * when the server refuses the one they have: after a restart it is another.
 *
 * @throws ZodError when it is no kubeconfig
 */
export async function redirectKubeconfig(from: string, to: string, relayPort: number): Promise<void> {
  const config = Kubeconfig.parse(parse(await readFile(from, 'utf8')));
  // Without the path, which is the token once more.
  for (const { cluster } of config.clusters) cluster.server = `http://127.0.0.1:${relayPort}`;
  await writeFile(`${to}.new`, stringify(config), { mode: 0o600 });
  await rename(`${to}.new`, to);
}
