/** A Job that stays long enough for logs and terminals, and ends at once when told to. */
const job = (name: string, script: string): string => `
apiVersion: batch/v1
kind: Job
metadata:
  name: ${name}
spec:
  backoffLimit: 0
  activeDeadlineSeconds: 60
  template:
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 0
      containers:
      - name: main
        image: busybox
        command: ['sh', '-c', ${JSON.stringify(script)}]
`;

const configMap = `
apiVersion: v1
kind: ConfigMap
metadata:
  name: fuzz-settings
data:
  key: value
`;

const secret = `
apiVersion: v1
kind: Secret
metadata:
  name: fuzz-secret
stringData:
  password: hunter2
`;

const good = [
  job('fuzz-a', 'echo one; sleep 30'),
  job('fuzz-b', 'seq 1 100; sleep 30'),
  job('fuzz-b', 'seq 1 100; sleep 30'),
  `${configMap}---${secret}`,
  `${configMap}---${job('fuzz-a', 'echo one; sleep 30')}`,
  job('fuzz-a', 'echo another'),
];

/** Fit for the assignments that were made; what else an assignment asks for is learned from answers. */
export const given: Readonly<Record<string, readonly unknown[]>> = {
  namespace: ['default'],
  job_name: ['fuzz-a', 'fuzz-b'],
  container: ['main'],
  shell: ['/bin/sh'],
  // What is accepted here makes everything else reachable: it comes as often as what is not.
  yaml_content: [
    ...good,
    ...good,
    ...good,
    'a: [',
    '- 1\n- 2',
    '',
    '---\n---\n---\n',
    'kind: Job',
    'apiVersion: v1\nkind: Nonsense\nmetadata: {name: a}',
    'apiVersion: v1\nkind: constructor\nmetadata: {name: a}',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: 5}',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: fuzz-c}\ndata: {a: 1}',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: __proto__}\ndata: {__proto__: a, constructor: b}',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: fuzz-d, namespace: kube-system}',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a/../b}',
    'a: &a [*a]',
    'x: &x {a: 1}\ny: {<<: *x, <<: *x}',
    `${'- '.repeat(3_000)}1`,
    `${'{a: '.repeat(3_000)}1${'}'.repeat(3_000)}`,
    '!!js/function "x"',
    '? [complex, key]\n: value',
    'apiVersion: v1\nkind: List\nitems: []',
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: fuzz-e}\ndata: {big: "${'x'.repeat(300_000)}"}`,
  ],
  attempt: [1],
  timeout_seconds: [1, 2],
  language: ['python'],
  limit: [1, 50],
};
