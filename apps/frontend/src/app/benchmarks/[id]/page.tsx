import { loadSignedIn } from '../../../data/server.ts';
import { DeploymentView } from '../../../benchmarks/deployment-view.tsx';
import { TroublePage } from '../../../parts/trouble.tsx';

export default async function DeploymentPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const loaded = await loadSignedIn(({ deployer }) =>
    deployer.getDeployment({ params: { deployment_id: id } }),
  );
  if (!loaded.ok) return <TroublePage trouble={loaded.trouble} />;
  return <DeploymentView first={loaded.value} />;
}
