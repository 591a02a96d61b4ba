/** On every object that was deployed; on the object alone, as pod templates cannot be changed later. */
export const deploymentLabels = {
  managedBy: 'app.kubernetes.io/managed-by',
  managedByValue: 'cloudemy-deployer',
  deployment: 'cloudemy.io/deployment-id',
} as const;

/** The labels of an object of this deployment, by which it is found again. */
export const labelsFor = (deploymentId: string): Record<string, string> => ({
  [deploymentLabels.managedBy]: deploymentLabels.managedByValue,
  [deploymentLabels.deployment]: deploymentId,
});

/** The objects of these deployments. */
export const selectorOf = (deploymentIds: readonly string[]): string =>
  `${deploymentLabels.deployment} in (${deploymentIds.join(',')})`;
