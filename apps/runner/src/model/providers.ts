import type { RunnerEnv } from '@cloudemy/contracts';
import { chat } from './chat.js';
import { plain } from './plain.js';
import { type PriceEnv, pricesOf } from './price.js';
import type { Provider } from './provider.js';
import { responses } from './responses.js';

const apis = { chat, responses, plain };

type ProviderEnv = Pick<RunnerEnv, 'LLM_API'> & PriceEnv;

/** The API that is set, with what it costs. */
export const providerOf = (env: ProviderEnv): Provider => ({ ...apis[env.LLM_API], prices: pricesOf(env) });
