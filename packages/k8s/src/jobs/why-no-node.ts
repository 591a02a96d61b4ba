/** What a scheduler says of claims that no node can do anything about, and what it means to whoever wrote the YAML. */
const claims: readonly (readonly [RegExp, (name: string) => string])[] = [
  [
    /persistentvolumeclaim "([^"]*)" not found/i,
    (name) => `there is no PersistentVolumeClaim ${name} in its namespace. Deploy one, or correct the name`,
  ],
  [
    /persistentvolumeclaim "([^"]*)" is being deleted/i,
    (name) =>
      `the PersistentVolumeClaim ${name} is being deleted. Use another, or deploy it anew when it is gone`,
  ],
  [
    /persistentvolumeclaim "([^"]*)" bound to non-existent persistentvolume/i,
    (name) => `the volume of the PersistentVolumeClaim ${name} is gone. Delete the claim and deploy it anew`,
  ],
  [
    /pod has unbound immediate persistentvolumeclaims/i,
    () => 'a PersistentVolumeClaim of the pod has no volume yet. Its storage class must exist and have room',
  ],
  [
    /storageclass\S* "([^"]*)" not found/i,
    (name) => `there is no storage class ${name}. Name one that the cluster has, or none for its default`,
  ],
];

/** Why no node takes a pod, from the message of its condition `PodScheduled`. */
export function whyNoNode(message: string): string {
  for (const [pattern, inWords] of claims) {
    const found = pattern.exec(message);
    if (found !== null) return `the pod waits for its volume: ${inWords(found[1] ?? '')}`;
  }
  // The part about preemption repeats the same for other nodes' pods and helps nobody.
  const words = message.replace(/\s*(no new claims to deallocate, )?preemption: .*$/s, '').trim();
  return `no node can take the pod: ${words}`;
}
