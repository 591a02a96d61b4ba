/** The request of the documentation. */
export const exampleYaml = `apiVersion: batch/v1
kind: Job
metadata:
  name: test-job
spec:
  template:
    spec:
      containers:
      - name: test
        image: busybox
        command: ['sh', '-c', 'sleep 3600']
      restartPolicy: Never`;
