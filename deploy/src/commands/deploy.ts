import { stringify } from 'yaml';
import { deploy, manifestsOf } from '../deploy.js';
import { deployUsage, parseDeployOptions } from '../options.js';
import { runCommand, say, withCluster } from '../run-command.js';

await runCommand(async (args) => {
  const options = parseDeployOptions(args);
  const manifests = await manifestsOf(options);
  if (options.print) {
    say(manifests.map((object) => stringify(object)).join('---\n'));
    return;
  }
  await withCluster(options, deployUsage, async (objects) => {
    await deploy(objects, manifests, options, say);
    say('\nCloudemy is up. docs/operations.md says how to reach it and how to look after it.');
  });
});
