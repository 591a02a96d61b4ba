import type { Extension } from '@codemirror/state';
import type { Language } from '@cloudemy/contracts';

/** What the editor's list calls those that have another name there. */
const names: Partial<Record<Language, string>> = {
  bash: 'shell',
  cpp: 'c++',
  csharp: 'c#',
  matlab: 'octave',
};

/** The editor's own support of a language, loaded when it is needed; nothing where there is none. */
export async function editorLanguage(language: Language): Promise<Extension> {
  const [{ languages }, { LanguageDescription }] = await Promise.all([
    import('@codemirror/language-data'),
    import('@codemirror/language'),
  ]);
  const found = LanguageDescription.matchLanguageName(languages, names[language] ?? language, true);
  return found === null ? [] : found.load();
}
