/** What each kind holds besides its name. */
const bodies = {
  ConfigMap: () => ['apiVersion: v1', 'data:', '  threads: "8"', '  settings.ini: |', '    seconds = 60'],
  Secret: () => ['apiVersion: v1', 'stringData:', '  token: not-a-secret'],
  Service: (name: string) => [
    'apiVersion: v1',
    'spec:',
    `  selector: {app: ${name}}`,
    '  ports: [{name: http, port: 80, targetPort: 8080}]',
  ],
  Job: (_name: string, image: string) => [
    'apiVersion: batch/v1',
    'spec:',
    '  suspend: true',
    '  backoffLimit: 0',
    '  template:',
    '    spec:',
    '      restartPolicy: Never',
    '      containers:',
    '        - name: main',
    `          image: ${image}`,
    '          command: [sh, -c, "sleep 60"]',
    '          env: [{name: THREADS, value: "8"}]',
  ],
};

/** In the proportion in which benchmarks come: settings, and Jobs that use them. */
const kinds = ['ConfigMap', 'Job', 'ConfigMap', 'Secret', 'Service'] as const;

/**
 * Documents of several kinds as one text. Jobs are suspended: what is measured is deploying, not running.
 *
 * @param prefix of every name, so that no two rounds meet
 */
export function makeDocuments(count: number, prefix: string, image: string): string {
  return Array.from({ length: count }, (_, index) => {
    const kind = kinds[index % kinds.length] ?? 'ConfigMap';
    const name = `${prefix}-${index}`;
    const metadata = [`kind: ${kind}`, 'metadata:', `  name: ${name}`, `  labels: {app: ${name}}`];
    return [...metadata, ...bodies[kind](name, image), ''].join('\n');
  }).join('---\n');
}
