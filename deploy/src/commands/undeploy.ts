import { parseUndeployOptions, undeployUsage } from '../options.js';
import { runCommand, say, withCluster } from '../run-command.js';
import { undeploy } from '../undeploy.js';

/** Milliseconds until namespaces are empty: the graces of all pods in them. */
const removalMs = 180_000;

await runCommand(async (args) => {
  const options = parseUndeployOptions(args);
  await withCluster(options, undeployUsage, (objects) =>
    undeploy(objects, { ...options, timeoutMs: removalMs }, say),
  );
});
