// Asks the registry for known vulnerabilities in what runs in production. Fails for severe ones; a registry that
// cannot be asked (a mirror without the endpoint, a machine without network) says nothing about the code, and is said.
import { spawnSync } from 'node:child_process';

const { status, stdout, stderr } = spawnSync('pnpm', ['audit', '--prod', '--audit-level', 'high', '--json'], {
  encoding: 'utf8',
  timeout: 60_000,
});
const report = parse(stdout);
if (report === undefined) {
  // On GitHub it stands above the log: an audit that did not take place is not one that found nothing.
  const mark = process.env.GITHUB_ACTIONS === undefined ? '' : '::warning::';
  process.stdout.write(`${mark}Dependencies NOT audited: ${firstLine(stderr || stdout || '')}\n`);
} else if (status === 0) {
  process.stdout.write('Dependencies audited: nothing severe is known.\n');
} else {
  for (const { severity, module_name: name, title, url } of Object.values(report.advisories)) {
    process.stdout.write(`${severity}: ${name}: ${title} (${url})\n`);
  }
  process.exitCode = 1;
}

/** The report, or nothing for what is none: errors come as text, or as JSON without advisories. */
function parse(text) {
  try {
    const json = JSON.parse(text);
    return typeof json.advisories === 'object' ? json : undefined;
  } catch {
    return undefined;
  }
}

function firstLine(text) {
  return text.split('\n').find((line) => line.trim() !== '') ?? 'the registry did not answer';
}
