import { list } from '@cloudemy/service';
import { PrivateNetworks } from './target/addresses.js';

/** Variables of a service that tells by webhooks. */
export const webhookEnv = {
  /** Ranges such as `10.1.0.0/16` that targets may lie in although they are not public. */
  WEBHOOK_PRIVATE_NETWORKS: list.prefault('').transform((ranges, context) => {
    const networks = PrivateNetworks.of(ranges);
    if (networks !== undefined) return networks;
    context.addIssue({ code: 'custom', message: 'must list ranges such as 10.1.0.0/16 or fd00::/8' });
    return new PrivateNetworks([]);
  }),
};
