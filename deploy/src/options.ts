import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import type { ImageChoice } from './manifests/images.js';
import { type OptionalPart, optionalParts } from './manifests/optional.js';
import { internalPort, portRanges } from './port-ranges.js';
import type { Surroundings } from './manifests/surroundings.js';
import type { SecretMode } from './secrets/internal.js';

/** The command line cannot be understood; the message says what can. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const deployUsage = `npm run deploy -- --kubeconfig FILE [options]

  --kubeconfig FILE       the cluster (or KUBECONFIG); --context NAME another context of it
  --overlay NAME          local (default), production, or the path of a kustomization of yours
  --storage-class NAME    where MongoDB and Redis keep their data; the cluster's default class when left out;
                          none keeps it in their pods, and loses it with them
  --llm-key-file FILE     a file with the key of the LLM; kept from the last time when left out
  --llm-base-url URL      another server that speaks OpenAI's API; --llm-model NAME its model
  --llm-emulator          no LLM but an emulator inside the cluster, which needs no key
  --mongo-emulator        no MongoDB but the embedded one, for trials where its image cannot be had
  --trust-proxy WHOM      who is believed about a client's address: how many proxies are in front (1 for an ingress
                          controller alone), or their addresses and ranges; nobody when left out
  --keep-out CIDR         addresses that runners and benchmarks may not reach, such as those of nodes on the internet;
                          may be repeated
  --benchmark-ports LIST  ports of the internet that benchmarks may reach, such as 80,443,5000-5100, or all;
                          those of the web (80 and 443) when left out
  --internal-port PORT    /internal and /metrics on a port of their own, which network policies keep people from;
                          they are on the ports of the services when left out
  --image-registry NAME   where the images of Cloudemy are, such as registry.example/team
  --image-tag TAG         their tag (0.1.0)
  --image NAME=IMAGE      another image, such as mongo=mirror.example/mongo:8.0; may be repeated
  --secrets external      expect the Secret cloudemy-internal instead of making it
  --rotate-secrets        make new secrets; the former signing secret stays valid
  --timeout SECONDS       how long to wait until everything is ready (300)
  --no-smoke-test         end when everything is ready
  --print                 print the manifests, without Secrets, and change nothing
`;

export const undeployUsage = `npm run undeploy -- --kubeconfig FILE [options]

  --kubeconfig FILE   the cluster (or KUBECONFIG); --context NAME another context of it
  --overlay NAME      what was deployed: local (default), production, or a path
  --delete-data       the data of MongoDB and Redis and the generated secrets too
`;

export const upgradeCheckUsage = `npm run deploy:upgrade-check -- --kubeconfig FILE [options]

Replaces every pod while submissions are handed in, and fails when one of them is not graded.

  --kubeconfig FILE   the cluster (or KUBECONFIG); --context NAME another context of it
  --timeout SECONDS   how long all of it may take (300)
  --keep-stores       leave MongoDB and Redis as they are; needed where they keep their data in their pods
  What was deployed is named as for npm run deploy: --overlay, --internal-port, --llm-emulator, --mongo-emulator,
  --image-registry, --image-tag, --image
`;

export interface ClusterOptions {
  kubeconfig: string | undefined;
  context: string | undefined;
  overlay: string;
}

export interface DeployOptions extends ClusterOptions {
  storage: string;
  surroundings: Surroundings;
  internalPort: number | undefined;
  parts: OptionalPart[];
  images: ImageChoice;
  llm: { keyFile: string | undefined; baseUrl: string | undefined; model: string | undefined };
  secrets: SecretMode;
  timeoutMs: number;
  smokeTest: boolean;
  print: boolean;
  /** Of the upgrade check: MongoDB and Redis are not restarted. */
  keepStores: boolean;
}

export interface UndeployOptions extends ClusterOptions {
  deleteData: boolean;
}

const clusterOptions = {
  kubeconfig: { type: 'string' },
  context: { type: 'string' },
  overlay: { type: 'string', default: 'local' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const where = (values: { kubeconfig?: string; context?: string; overlay: string }): ClusterOptions => ({
  kubeconfig: values.kubeconfig ?? process.env['KUBECONFIG'],
  context: values.context,
  overlay: values.overlay,
});

/**
 * Reads the command line of `npm run deploy`, and of others that are told what was deployed.
 *
 * @throws UsageError
 */
export function parseDeployOptions(args: readonly string[], usage = deployUsage): DeployOptions {
  return parse(usage, () => {
    const { values } = parseArgs({
      // The frontend is always there now: who still asks for it gets it.
      args: args.filter((argument) => argument !== '--frontend').map(presentName),
      options: {
        ...clusterOptions,
        'storage-class': { type: 'string', default: 'default' },
        'llm-key-file': { type: 'string' },
        'llm-base-url': { type: 'string' },
        'llm-model': { type: 'string' },
        'llm-emulator': { type: 'boolean', default: false },
        'mongo-emulator': { type: 'boolean', default: false },
        'trust-proxy': { type: 'string' },
        'keep-out': { type: 'string', multiple: true, default: [] },
        'benchmark-ports': { type: 'string' },
        'internal-port': { type: 'string' },
        'image-registry': { type: 'string' },
        'image-tag': { type: 'string' },
        image: { type: 'string', multiple: true, default: [] },
        secrets: { type: 'string', default: 'generate' },
        'rotate-secrets': { type: 'boolean', default: false },
        timeout: { type: 'string', default: '300' },
        'smoke-test': { type: 'boolean', default: true },
        print: { type: 'boolean', default: false },
        'keep-stores': { type: 'boolean', default: false },
      },
      allowNegative: true,
    });
    if (values.help) throw new UsageError(usage);
    const emulator = values['llm-emulator'];
    if (emulator && (values['llm-key-file'] ?? values['llm-base-url']) !== undefined) {
      throw new Error(
        '--llm-emulator takes the place of an LLM: leave --llm-key-file and --llm-base-url out.',
      );
    }
    return {
      ...where(values),
      storage: values['storage-class'],
      surroundings: {
        trustProxy: trustedProxy(values['trust-proxy']),
        keepOut: values['keep-out'].map((range) => rangeOf('--keep-out', range)),
        benchmarkPorts: portRanges(values['benchmark-ports']),
      },
      internalPort: internalPort(values['internal-port']),
      parts: optionalParts.filter((part) => values[part]),
      images: {
        registry: values['image-registry'],
        tag: values['image-tag'],
        others: new Map(values.image.map(parseImage)),
      },
      llm: {
        keyFile: values['llm-key-file'],
        baseUrl: values['llm-base-url'],
        model: values['llm-model'],
      },
      secrets: secretMode(values.secrets, values['rotate-secrets']),
      timeoutMs: seconds(values.timeout) * 1_000,
      smokeTest: values['smoke-test'],
      print: values.print,
      keepStores: values['keep-stores'],
    };
  });
}

/** `--llm-stand-in` and `--mongo-stand-in` were the names until 0.1.0; they are taken for one version more. */
function presentName(argument: string): string {
  return argument.replace(/^--(no-)?(llm|mongo)-stand-in$/, (_, no = '', part) => `--${no}${part}-emulator`);
}

/**
 * Reads the command line of `npm run undeploy`.
 *
 * @throws UsageError
 */
export function parseUndeployOptions(args: readonly string[]): UndeployOptions {
  return parse(undeployUsage, () => {
    const options = { ...clusterOptions, 'delete-data': { type: 'boolean', default: false } } as const;
    const { values } = parseArgs({ args: [...args], options });
    if (values.help) throw new UsageError(undeployUsage);
    return { ...where(values), deleteData: values['delete-data'] };
  });
}

function parse<T>(usage: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`, {
      cause: error,
    });
  }
}

function parseImage(text: string): [name: string, image: string] {
  const [, name, image] = /^([^=]+)=(\S+)$/.exec(text) ?? [];
  if (name === undefined || image === undefined) {
    throw new Error(`--image is NAME=IMAGE, such as mongo=mirror.example/mongo:8.0, not ${text}`);
  }
  return [name, image];
}

/** A number of proxies, or their addresses and ranges; a name or a word for many ranges is none. */
function trustedProxy(text: string | undefined): string | undefined {
  if (text === undefined || /^\d$/.test(text)) return text;
  return text
    .split(',')
    .map((range) => rangeOf('--trust-proxy', range.trim()))
    .join(',');
}

function rangeOf(option: string, text: string): string {
  const [address = '', bits, ...rest] = text.split('/');
  const most = isIP(address) === 4 ? 32 : 128;
  const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  if (isIP(address) === 0 || rest.length > 0 || !(prefix >= 0 && prefix <= most)) {
    const number = option === '--trust-proxy' ? 'the number of proxies in front, or ' : '';
    throw new Error(`${option} is ${number}an address or a range such as 203.0.113.0/24, not ${text}`);
  }
  return `${address}/${prefix}`;
}

function secretMode(mode: string, rotate: boolean): SecretMode {
  if (mode !== 'generate' && mode !== 'external') {
    throw new Error(`--secrets is generate or external, not ${mode}`);
  }
  if (rotate && mode === 'external') throw new Error('--rotate-secrets is for secrets that are made here.');
  return rotate ? 'rotate' : mode;
}

function seconds(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`--timeout is a number of seconds, not ${text}`);
}
