/** A Job that runs a shell script. */
export const jobYaml = (name: string, script: string, more = ''): string => `
apiVersion: batch/v1
kind: Job
metadata:
  name: ${name}
spec:
  backoffLimit: 0${more}
  template:
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 1
      containers:
      - name: main
        image: busybox
        command: ['sh', '-c', ${JSON.stringify(script)}]
`;

export const configMapYaml = (name: string, value = 'one'): string => `
apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
data:
  key: ${JSON.stringify(value)}
`;

export const secretYaml = (name: string, value: string): string => `
apiVersion: v1
kind: Secret
metadata:
  name: ${name}
stringData:
  password: ${JSON.stringify(value)}
`;

/** Documents as one text. */
export const documents = (...yaml: string[]): string => yaml.join('\n---\n');
