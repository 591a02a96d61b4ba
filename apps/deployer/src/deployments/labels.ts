/** On every object that was deployed; on the object alone, as pod templates cannot be changed later. */
export const deploymentLabels = {
  managedBy: 'app.kubernetes.io/managed-by',
  managedByValue: 'cloudemy-deployer',
  deployment: 'cloudemy.io/deployment-id',
} as const;

/** The objects of these deployments. */
export const selectorOf = (deploymentIds: readonly string[]): string =>
  `${deploymentLabels.deployment} in (${deploymentIds.join(',')})`;
