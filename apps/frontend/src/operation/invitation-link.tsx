'use client';

import { useTranslations } from 'next-intl';
import { CopyButton } from '../parts/copy-button.tsx';

/** The link of an invitation, shown this once. */
export function InvitationLink({ invitation }: { invitation: string }) {
  const t = useTranslations('operation');
  const link = `${window.location.origin}/sign-in?invitation=${encodeURIComponent(invitation)}`;
  return (
    <div className="notice good" role="status">
      <p>{t('invitation')}</p>
      <p className="row">
        <code>{link}</code> <CopyButton text={link} what={t('link')} />
      </p>
    </div>
  );
}
