import { backendApi } from '../apis/backend.js';
import { deployerApi } from '../apis/deployer.js';
import type { Api } from '../http/route.js';
import { markdownTable } from '../markdown.js';
import { Role } from '../users.js';
import { backendAccess } from './backend.js';
import { deployerAccess } from './deployer.js';
import { openPaths } from './open-paths.js';
import { notUsers, scopeText } from './in-words.js';
import type { AccessTable } from './rule.js';

/** The tables as Markdown: what docs/authorisation.md holds below its mark. */
export function accessAsMarkdown(): string {
  return [
    '## Backend',
    '',
    ...tableOf(backendApi, backendAccess, openPaths),
    '',
    '## Deployer',
    '',
    ...tableOf(deployerApi, deployerAccess, openPaths),
    '',
  ].join('\n');
}

function tableOf(api: Api, access: AccessTable, open: Readonly<Record<string, string>>): string[] {
  const routes = Object.entries(api).map(([operation, { method, path }]) => {
    const rule = access[operation] ?? { who: 'anyone' };
    const cells =
      rule.who === 'users'
        ? [...Role.options.map((role) => scopeText(rule.may[role])), rule.key]
        : [...Role.options.map(() => ''), notUsers[rule.who]];
    return [`\`${method.toUpperCase()} ${path}\``, ...cells];
  });
  const others = Object.keys(open).map((path) => [
    `\`GET ${path}\``,
    ...Role.options.map(() => ''),
    notUsers.anyone,
  ]);
  return markdownTable(['Route', ...Role.options, 'API key, or who else'], [...routes, ...others]);
}
