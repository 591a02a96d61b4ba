// Looks at the subjects of commits that are not on the main branch: `node scripts/commits.mjs [base]`. CI runs it.
import { spawnSync } from 'node:child_process';

const longest = 72;
const [base = 'origin/main'] = process.argv.slice(2);
const { status, stdout } = spawnSync('git', ['log', '--no-merges', '--format=%h %s', `${base}..HEAD`], {
  encoding: 'utf8',
});
if (status !== 0) {
  process.stdout.write(`Subjects not looked at: there is no ${base} here.\n`);
} else {
  const faults = stdout.split('\n').flatMap((line) => fault(line.slice(line.indexOf(' ') + 1), line));
  for (const words of faults) process.stdout.write(`${words}\n`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}

/** What is wrong with a subject, in words. */
function fault(subject, line) {
  if (subject.length > longest) return [`${line}: ${subject.length} characters, at most ${longest}`];
  if (/[.!]$/.test(subject)) return [`${line}: ends with a full stop`];
  if (/^(fixup|squash|wip)\b/i.test(subject)) return [`${line}: is not meant to stay`];
  return [];
}
