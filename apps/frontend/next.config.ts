import { fileURLToPath } from 'node:url';
import type { NextConfig } from 'next';
import createNextIntlPlugin from 'next-intl/plugin';

const withNextIntl = createNextIntlPlugin('./src/i18n/request.ts');

const config: NextConfig = {
  // Traced only for the image: it costs seconds, and on this machine node_modules is there.
  ...(process.env['NEXT_OUTPUT'] === 'standalone' ? { output: 'standalone' } : {}),
  outputFileTracingRoot: fileURLToPath(new URL('../../', import.meta.url)),
  // `tsc -b` checks them, once for the whole repository.
  typescript: { ignoreBuildErrors: true, tsconfigPath: 'tsconfig.next.json' },
  poweredByHeader: false,
  images: { unoptimized: true },
};

export default withNextIntl(config);
