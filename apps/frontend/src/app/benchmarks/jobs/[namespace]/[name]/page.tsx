import type { Metadata } from 'next';
import { loadSignedIn } from '../../../../../data/server.ts';
import { JobView } from '../../../../../benchmarks/job-view.tsx';
import { TroublePage } from '../../../../../parts/trouble.tsx';

interface Given {
  params: Promise<{ namespace: string; name: string }>;
}

export async function generateMetadata({ params }: Given): Promise<Metadata> {
  return { title: (await params).name };
}

export default async function JobPage({ params }: Given) {
  const { namespace, name } = await params;
  const loaded = await loadSignedIn(({ deployer }) =>
    deployer.getJobStatus({ params: { job_name: name }, query: { namespace } }),
  );
  if (!loaded.ok) return <TroublePage trouble={loaded.trouble} />;
  return <JobView first={loaded.value} />;
}
