/** A container as the policy wants it: no rights, no root. It passes at both levels. */
const restricted = `          securityContext:
            allowPrivilegeEscalation: false
            capabilities: { drop: [ALL] }`;

const pod = `      restartPolicy: Never
      automountServiceAccountToken: false
      securityContext:
        runAsNonRoot: true
        runAsUser: 65534
        seccompProfile: { type: RuntimeDefault }`;

/** YAML to begin with; each one can be deployed as it stands. */
export const templates = {
  job: `apiVersion: batch/v1
kind: Job
metadata:
  name: my-benchmark
spec:
  backoffLimit: 0
  template:
    spec:
${pod}
      containers:
        - name: bench
          image: busybox
          command: ['sh', '-c', 'for i in $(seq 1 30); do echo "run $i: $((i * 37 % 11)) ms"; sleep 1; done']
${restricted}
`,
  parallel: `apiVersion: batch/v1
kind: Job
metadata:
  name: my-parallel-benchmark
spec:
  backoffLimit: 0
  parallelism: 3
  completions: 3
  template:
    spec:
${pod}
      containers:
        - name: bench
          image: busybox
          command: ['sh', '-c', 'echo "worker $HOSTNAME"; sleep 60']
${restricted}
`,
  shell: `apiVersion: batch/v1
kind: Job
metadata:
  name: my-workbench
spec:
  backoffLimit: 0
  activeDeadlineSeconds: 3600
  template:
    spec:
${pod}
      containers:
        - name: shell
          image: busybox
          command: ['sh', '-c', 'sleep 3600']
${restricted}
`,
} as const;

export type TemplateName = keyof typeof templates;
export const templateNames: readonly TemplateName[] = ['job', 'parallel', 'shell'];
