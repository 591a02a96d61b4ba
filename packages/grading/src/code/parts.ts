import { type FilePart, Language } from '@cloudemy/contracts';

/** What was handed in, as far as a grader reads it. */
export interface Handed {
  /** All of it. Of several files each is a part of this text. */
  code: string;
  language: Language;
  /** Left out of what is one file. */
  files?: readonly FilePart[] | undefined;
}

/** One file. `language` is null for text that is no code. */
export interface Part {
  path: string;
  text: string;
  language: Language | null;
}

/** The files of what was handed in; code without a name is a file called after its language. */
export function partsOf({ code, language, files }: Handed): Part[] {
  if (files === undefined) return [{ path: `main.${extensionOf(language)}`, text: code, language }];
  return files.map(({ path, start, end, language: own }) => ({
    path,
    text: code.slice(start, end),
    language: own,
  }));
}

/** By the ending of a name, the usual one of a language first. */
const endings: Readonly<Record<Language, readonly string[]>> = {
  bash: ['sh', 'bash'],
  c: ['c', 'h'],
  cpp: ['cpp', 'cc', 'cxx', 'hpp', 'hh', 'hxx'],
  csharp: ['cs'],
  css: ['css'],
  dart: ['dart'],
  elixir: ['ex', 'exs'],
  go: ['go'],
  haskell: ['hs'],
  html: ['html', 'htm'],
  java: ['java'],
  javascript: ['js', 'mjs', 'cjs', 'jsx'],
  julia: ['jl'],
  kotlin: ['kt', 'kts'],
  lua: ['lua'],
  matlab: ['m'],
  ocaml: ['ml', 'mli'],
  perl: ['pl', 'pm'],
  php: ['php'],
  powershell: ['ps1', 'psm1'],
  python: ['py', 'pyi'],
  r: ['r'],
  ruby: ['rb'],
  rust: ['rs'],
  scala: ['scala', 'sc'],
  sql: ['sql'],
  swift: ['swift'],
  typescript: ['ts', 'tsx', 'mts', 'cts'],
};

const byEnding = new Map(
  Language.options.flatMap((language) => endings[language].map((ending) => [ending, language] as const)),
);

export const extensionOf = (language: Language): string => endings[language][0] ?? 'txt';

/** The language of a file by its name; null for one that is no code: prose proves nothing. */
export function languageOf(path: string): Language | null {
  const ending = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase();
  return ending === undefined ? null : (byEnding.get(ending) ?? null);
}
