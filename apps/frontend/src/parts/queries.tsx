'use client';

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { TroubleError } from '../data/problem.ts';

/** What pages that watch something ask again and again. */
export function Queries({ children }: { children: ReactNode }) {
  const [client] = useState(
    () =>
      new QueryClient({
        defaultOptions: {
          queries: {
            // What was refused will be refused again.
            retry: (times, error) =>
              times < 2 && !(error instanceof TroubleError && error.trouble.status < 500),
            staleTime: 1_000,
          },
        },
      }),
  );
  return <QueryClientProvider client={client}>{children}</QueryClientProvider>;
}
