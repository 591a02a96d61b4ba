'use client';

import { useLocale } from 'next-intl';

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** How long ago something was, in the largest unit that fits; the moment itself on hover. */
export function Age({ at }: { at: string }) {
  const locale = useLocale();
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(at)) / 1_000));
  const [unit, size] = units.find(([, size]) => seconds >= size) ?? units[3];
  const words = new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short' });
  return (
    <time dateTime={at} title={at} suppressHydrationWarning>
      {words.format(Math.floor(seconds / size))}
    </time>
  );
}
