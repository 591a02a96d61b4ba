import { manifestsOf } from '../deploy.js';
import { parseDeployOptions, upgradeCheckUsage } from '../options.js';
import { runCommand, say, withCluster } from '../run-command.js';
import { checkUpgrade } from '../upgrade/upgrade-check.js';

await runCommand(async (args) => {
  const options = parseDeployOptions(args, upgradeCheckUsage);
  const manifests = await manifestsOf(options);
  await withCluster(options, upgradeCheckUsage, async (objects) => {
    say('Replacing every pod while submissions are handed in …');
    await checkUpgrade(objects, manifests, options, say);
    say('\nNo submission was lost.');
  });
});
