import type { ReactNode } from 'react';
import '../../logs/logs.css';
import { Queries } from '../../parts/queries.tsx';
import { DockProvider } from '../../terminals/dock.tsx';

export default function BenchmarksLayout({ children }: { children: ReactNode }) {
  return (
    <Queries>
      <DockProvider>{children}</DockProvider>
    </Queries>
  );
}
