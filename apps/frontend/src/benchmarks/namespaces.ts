import { type Loaded, loadSignedIn } from '../data/server.ts';

/** Where one may deploy, the usual one first. */
export async function servedNamespaces(): Promise<Loaded<string[]>> {
  return loadSignedIn(async ({ deployer }) => {
    const { permissions } = await deployer.getStatus({});
    return permissions.map(({ namespace }) => namespace);
  });
}
