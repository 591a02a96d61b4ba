'use client';

import { useEffect, useState } from 'react';
import { useLocale } from 'next-intl';

/** An instant in the reader's own time zone, UTC on hover. The server, which does not know the zone, writes UTC. */
export function Time({ at }: { at: string }) {
  const locale = useLocale();
  const utc = `${at.slice(0, 16).replace('T', ' ')} UTC`;
  const [shown, setShown] = useState(utc);
  useEffect(() => {
    setShown(
      new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(at)),
    );
  }, [at, locale]);
  return (
    <time dateTime={at} title={utc}>
      {shown}
    </time>
  );
}
