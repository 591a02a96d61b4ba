// Holds the pages against the repository: relative links lead somewhere, headings they name exist, the npm commands they
// print exist, docs/README.md lists every page, and the files and tests that docs/architecture.md and
// docs/findings.md name are there.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const read = (path) => readFileSync(join(root, path), 'utf8');
const { scripts } = JSON.parse(read('package.json'));
const pages = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: root,
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .filter((page) => existsSync(join(root, page)));

const faults = pages.flatMap((page) => [...deadLinks(page), ...unknownCommands(page)]);
faults.push(...unlistedPages(), ...missingFiles('docs/architecture.md'), ...missingTests('docs/findings.md'));
for (const fault of faults) process.stdout.write(`${fault}\n`);
process.exitCode = faults.length === 0 ? 0 : 1;

function deadLinks(page) {
  const text = withoutCode(read(page));
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link]) => {
    if (/^[a-z]+:/.test(link)) return [];
    const [path, heading] = link.split('#');
    const target = path === '' ? page : relative(root, join(root, dirname(page), path));
    if (!existsSync(join(root, target))) return [`${page}: ${link} leads nowhere`];
    if (heading === undefined || headings(target).includes(heading)) return [];
    return [`${page}: ${link}: there is no such heading`];
  });
}

/** Headings as links name them. */
function headings(page) {
  return [...withoutCode(read(page)).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function withoutCode(text) {
  return text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, 'code');
}

function unknownCommands(page) {
  const named = [...read(page).matchAll(/\bnpm (?:run )?(?!run\b)([a-z][\w:-]*)/g)].map(([, name]) => name);
  // npm's own commands, and words that follow "npm" in a sentence.
  const others = ['ci', 'install', 'package', 'packages', 'scripts', 'commands'];
  const unknown = named.filter((name) => !Object.hasOwn(scripts, name) && !others.includes(name));
  return [...new Set(unknown)].map((name) => `${page}: npm run ${name}: there is no such script`);
}

function unlistedPages() {
  return ['docs/README.md', 'docs/adr/README.md'].flatMap((index) => {
    const listed = read(index);
    const beside = pages.filter((page) => dirname(page) === dirname(index) && page !== index);
    return beside
      .filter((page) => !listed.includes(`](${relative(dirname(index), page)})`))
      .map((page) => `${index}: ${page} is not listed`);
  });
}

/** Files that a page names by their path from the root. */
function missingFiles(page) {
  const named = [
    ...read(page).matchAll(/`((?:apps|packages|emulators|checks|deploy|scripts)\/[^`\s]+\.\w+)`/g),
  ];
  return named.flatMap(([, path]) =>
    existsSync(join(root, path)) ? [] : [`${page}: ${path} does not exist`],
  );
}

/** A test is named by its file, as code, and its title, between quotation marks; more titles may follow. */
function missingTests(page) {
  if (!pages.includes(page)) return [];
  return read(page)
    .split(/^- /m)
    .slice(1)
    .flatMap((item) => {
      const parts = item.replace(/\s+/g, ' ').split(/`([^`]*\.test\.ts)`/);
      const faults = [];
      for (let at = 1; at < parts.length; at += 2) {
        const file = parts[at];
        if (!existsSync(join(root, file))) {
          faults.push(`${page}: ${file} does not exist`);
          continue;
        }
        const source = read(file).replaceAll("\\'", "'");
        const titles = [...parts[at + 1].matchAll(/"([^"]+)"/g)].map(([, title]) => title);
        for (const title of titles.filter((one) => !source.includes(one))) {
          faults.push(`${page}: no test "${title}" in ${file}`);
        }
      }
      return faults;
    });
}
