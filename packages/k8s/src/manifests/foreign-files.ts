/** Files that stand beside Kubernetes YAML, are YAML themselves, and mean nothing to the API server. */
const FILES: readonly (readonly [(value: Record<string, unknown>) => boolean, string])[] = [
  [
    ({ apiVersion, kind, ...rest }) =>
      (typeof apiVersion === 'string' && apiVersion.startsWith('kustomize.config.k8s.io/')) ||
      (kind === undefined && KUSTOMIZE_KEYS.some((key) => Array.isArray(rest[key]))),
    'this is a Kustomization, which only the command line knows: send what `kubectl kustomize` prints',
  ],
  [
    ({ apiVersion, kind, name, version }) =>
      kind === undefined &&
      (apiVersion === 'v1' || apiVersion === 'v2') &&
      typeof name === 'string' &&
      version !== undefined,
    'this is the Chart.yaml of a Helm chart: send what `helm template` prints',
  ],
  [
    ({ apiVersion, kind, services }) =>
      apiVersion === undefined && kind === undefined && typeof services === 'object' && services !== null,
    'this is a file of Docker Compose, not Kubernetes YAML: kompose can convert it',
  ],
  [
    ({ kind, clusters, contexts }) => kind === 'Config' && Array.isArray(clusters) && Array.isArray(contexts),
    'this is a kubeconfig: it holds your credentials and does not belong here',
  ],
];

const KUSTOMIZE_KEYS = [
  'resources',
  'bases',
  'configMapGenerator',
  'secretGenerator',
  'patches',
  'components',
];

/** What kind of file this is, and what to send in its place; undefined for what may be an object. */
export function explainForeignFile(value: Record<string, unknown>): string | undefined {
  return FILES.find(([is]) => is(value))?.[1];
}
