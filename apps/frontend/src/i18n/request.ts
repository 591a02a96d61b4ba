import { cookies, headers } from 'next/headers';
import { getRequestConfig } from 'next-intl/server';
import en from '../../messages/en.json';
import ko from '../../messages/ko.json';

export const locales = ['en', 'ko'] as const;
export type Locale = (typeof locales)[number];

const messages = { en, ko } as const;

/** The language that was chosen, else the first one that the browser asks for and that there is. */
export async function chosenLocale(): Promise<Locale> {
  const chosen = (await cookies()).get('cloudemy-language')?.value;
  const asked = [chosen ?? '', ...((await headers()).get('accept-language') ?? '').split(',')];
  for (const one of asked) {
    const known = locales.find((locale) => one.trim().toLowerCase().startsWith(locale));
    if (known !== undefined) return known;
  }
  return 'en';
}

export default getRequestConfig(async () => {
  const locale = await chosenLocale();
  return { locale, messages: messages[locale], timeZone: 'UTC' };
});
