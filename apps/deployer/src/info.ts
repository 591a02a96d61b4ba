import type { OpenApiInfo } from '@cloudemy/contracts';
import { version } from '@cloudemy/service';

export const info: OpenApiInfo = {
  title: 'Cloudemy Benchmark Deployer',
  version,
  description:
    'Kubernetes YAML in; objects, live logs and terminals out. Health is at /health, metrics are at /metrics.',
};
