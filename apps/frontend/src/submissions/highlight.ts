import type { HighlighterCore, LanguageInput, ThemedToken } from 'shiki/core';
import { createHighlighterCore } from 'shiki/core';
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript';
import type { Language } from '@cloudemy/contracts';

const languages = {
  bash: () => import('shiki/langs/bash.mjs'),
  c: () => import('shiki/langs/c.mjs'),
  cpp: () => import('shiki/langs/cpp.mjs'),
  csharp: () => import('shiki/langs/csharp.mjs'),
  css: () => import('shiki/langs/css.mjs'),
  dart: () => import('shiki/langs/dart.mjs'),
  elixir: () => import('shiki/langs/elixir.mjs'),
  go: () => import('shiki/langs/go.mjs'),
  haskell: () => import('shiki/langs/haskell.mjs'),
  html: () => import('shiki/langs/html.mjs'),
  java: () => import('shiki/langs/java.mjs'),
  javascript: () => import('shiki/langs/javascript.mjs'),
  julia: () => import('shiki/langs/julia.mjs'),
  kotlin: () => import('shiki/langs/kotlin.mjs'),
  lua: () => import('shiki/langs/lua.mjs'),
  matlab: () => import('shiki/langs/matlab.mjs'),
  ocaml: () => import('shiki/langs/ocaml.mjs'),
  perl: () => import('shiki/langs/perl.mjs'),
  php: () => import('shiki/langs/php.mjs'),
  powershell: () => import('shiki/langs/powershell.mjs'),
  python: () => import('shiki/langs/python.mjs'),
  r: () => import('shiki/langs/r.mjs'),
  ruby: () => import('shiki/langs/ruby.mjs'),
  rust: () => import('shiki/langs/rust.mjs'),
  scala: () => import('shiki/langs/scala.mjs'),
  sql: () => import('shiki/langs/sql.mjs'),
  swift: () => import('shiki/langs/swift.mjs'),
  typescript: () => import('shiki/langs/typescript.mjs'),
} satisfies Record<Language, LanguageInput>;

/** Beyond this a page would take seconds to be coloured: it is shown without. */
const mostCharacters = 100_000;

let made: Promise<HighlighterCore> | undefined;

const highlighter = (): Promise<HighlighterCore> =>
  (made ??= createHighlighterCore({
    themes: [
      import('shiki/themes/github-light-high-contrast.mjs'),
      import('shiki/themes/github-dark-high-contrast.mjs'),
    ],
    langs: [],
    engine: createJavaScriptRegexEngine({ forgiving: true }),
  }));

/** A piece of a line, with its colours in light and dark. */
export interface CodeToken {
  text: string;
  light: string | undefined;
  dark: string | undefined;
}

/** The lines of a text, coloured on the server: no browser loads a grammar to read. */
export async function codeLines(code: string, language: Language | null): Promise<CodeToken[][]> {
  const plain = code.split('\n').map((text) => [{ text, light: undefined, dark: undefined }]);
  if (language === null || code.length > mostCharacters) return plain;
  const core = await highlighter();
  await core.loadLanguage(languages[language]);
  const lines = core.codeToTokensWithThemes(code, {
    lang: language,
    themes: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
  });
  return lines.map((line) =>
    line.map(({ content, variants }) => ({
      text: content,
      light: colourOf(variants['light']),
      dark: colourOf(variants['dark']),
    })),
  );
}

const colourOf = (variant: Partial<ThemedToken> | undefined): string | undefined => variant?.color;
